/** One case, compiled, executed and judged: everything that is wrong with it. */
import { checkDefinition } from '../../lib/asl/check.ts';
import { type Compiled, compile } from '../../lib/compiler/compile.ts';
import { dagOf } from '../build.ts';
import type { Case } from '../reference/case.ts';
import { differences } from '../reference/compare.ts';
import { type Judged, judge, judgeRerun } from '../simulate-case.ts';

/** Compiles a case as its limits have it. */
export function compiledOf(input: Case, rerun = false): Compiled {
  const { limits } = input;
  return compile(dagOf(input), { ...(limits === undefined ? {} : { limits }), ...(rerun ? { rerun } : {}) });
}

/** What the machine does otherwise than the reference; `undefined`: nothing. */
export async function problemOf(input: Case, known?: Compiled): Promise<string | undefined> {
  try {
    const compiled = known ?? compiledOf(input);
    const judged = await judge(compiled, input);
    const problem = wrongWith(compiled, judged);
    if (problem !== undefined || input.rerun === undefined) return problem;
    const again = compiledOf(input, true);
    const wrong = wrongWith(again, await judgeRerun(again, input, judged));
    return wrong === undefined ? undefined : `rerun: ${wrong}`;
  } catch (thrown) {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
}

function wrongWith(compiled: Compiled, { got, evaluation, wrong }: Judged): string | undefined {
  return uncleanliness(compiled) ?? differences(evaluation.result, got) ?? wrong;
}

function uncleanliness({ definition, parts = {} }: Compiled): string | undefined {
  const machines = [definition, ...Object.values(parts)];
  const problems = machines.flatMap(checkDefinition).map(({ path, message }) => `${path}: ${message}`);
  return problems.length === 0 ? undefined : problems.join('\n');
}
