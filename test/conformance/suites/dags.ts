import { checkDefinition } from '../../../lib/asl/check.ts';
import { MAX_DEFINITION_BYTES, MAX_HISTORY_EVENTS } from '../../../lib/asl/limits.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { boundsOf } from '../../../lib/compiler/bounds/bounds.ts';
import { type Compiled, compile } from '../../../lib/compiler/compile.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { dagOf } from '../../build.ts';
import { criticalPathSec, durationsOf, failing, type Graph, graphsIn } from '../../graphs.ts';
import type { Case } from '../../reference/case.ts';
import { differences } from '../../reference/compare.ts';
import { reference } from '../../reference/reference.ts';
import { simulateCompiled } from '../../simulate-case.ts';
import { type NamedCase, runCases, type SuiteResult } from '../suite.ts';

/** Real DAGs: no false wait, within Step Functions' bounds, and right whatever fails. */
export function suite(dir: string): Promise<SuiteResult | undefined> {
  const cases = graphsIn(dir).flatMap(casesOf);
  return runCases('dags', cases, (check) => check());
}

type Check = () => Promise<string | undefined> | string | undefined;

/** Sets of failing tasks tried on each graph. */
const FAILING_SETS = 3;

function casesOf({ family, input }: Graph): readonly NamedCase<Check>[] {
  const dag = dagOf(input);
  const compiled = compile(dag, { durations: durationsOf(input) });
  const name = `${family}/${input.name}`;
  const sets = Array.from({ length: FAILING_SETS }, (_, index) =>
    failing(input, 0.05 * 4 ** index, seededRandom(index)),
  );
  return [
    { name: `${name} starts every task in time`, input: () => onTime(compiled, input) },
    { name: `${name} is a definition that AWS takes`, input: () => clean(compiled) },
    { name: `${name} is within every bound`, input: () => bounded(dag, compiled) },
    ...sets.map((set, index) => ({
      name: `${name} with failing set ${index + 1}`,
      input: () => agrees(compiled, set),
    })),
  ];
}

/** Every task once, as soon as its last upstream ended: the reference says when that is. */
async function onTime(compiled: Compiled, input: Case): Promise<string | undefined> {
  const got = await simulateCompiled(compiled, input);
  const pathSec = criticalPathSec(input);
  if (got.endSec !== pathSec) return `takes ${got.endSec} s, its critical path ${pathSec} s`;
  return differences(reference(input), got);
}

function clean({ definition, parts = {} }: Compiled): string | undefined {
  const findings = [definition, ...Object.values(parts)].flatMap(checkDefinition);
  const problems = findings.map(({ path, message }) => `${path}: ${message}`);
  return problems.length === 0 ? undefined : problems.slice(0, 3).join('; ');
}

/** Each of its machines is small enough, and each execution's history, whatever happens. */
function bounded(dag: DagNode, compiled: Compiled): string | undefined {
  const { machines, histories } = boundsOf(dag, compiled);
  const large = machines.filter(({ bytes }) => bytes > MAX_DEFINITION_BYTES);
  const long = histories.filter(({ worst }) => worst > MAX_HISTORY_EVENTS);
  const problems = [
    ...large.map(({ name, bytes }) => `machine "${name}" has ${bytes} bytes`),
    ...long.map(({ name, worst }) => `a history of "${name}" has up to ${worst} events`),
  ];
  return problems.length === 0 ? undefined : problems.join('; ');
}

async function agrees(compiled: Compiled, input: Case): Promise<string | undefined> {
  return differences(reference(input), await simulateCompiled(compiled, input));
}
