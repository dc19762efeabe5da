import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile, compileRerun } from '../../lib/compiler/compile.ts';
import { sliceOf } from '../../lib/compiler/slice.ts';
import { recordedRun } from '../../lib/history/recorded-run.ts';
import { rerunOf } from '../../lib/history/rerun.ts';
import type { Rerun } from '../../lib/model/run-input.ts';
import { dagOf } from '../build.ts';
import type { Case } from '../reference/case.ts';
import { differences } from '../reference/compare.ts';
import { anyCase } from '../reference/random/arbitrary.ts';
import { closed } from '../reference/random/assemble-values.ts';
import { compileCase, judge, judgeRerun } from '../simulate-case.ts';

const { SEED, SLICES } = process.env;

/** A case of which some tasks run again: one or two of its own, or those it says. */
const withRerun = fc
  .tuple(anyCase, fc.array(fc.nat(), { minLength: 1, maxLength: 2 }))
  .map(([input, chosen]): Case => {
    const top = input.tasks.map(({ id }) => id).filter((id) => !id.includes('.'));
    const again = new Set(chosen.flatMap((at) => top[at % top.length] ?? []));
    return { ...input, rerun: input.rerun ?? closed([...again], input) };
  });

test('a part of a DAG reruns as the whole does, at the same instants', { timeout: 300_000 }, async () => {
  const counts = { parts: 0, smaller: 0 };
  const property = fc.asyncProperty(withRerun, async (input) => {
    const dag = dagOf(input);
    const whole = compileCase(input);
    const first = await judge(whole, input);
    const rerun = rerunOf(dag, recordedRun(whole.manifest, first.events), input.rerun ?? []);
    const slice = sliceOf(dag, whole.manifest, rerun);
    if (slice === undefined) return;
    counts.parts++;
    if (slice.dag.tasks.length < dag.tasks.length) counts.smaller++;
    const part = compileRerun(dag, { manifest: whole.manifest, rerun });
    const { got, evaluation, wrong } = await judgeRerun(part, input, first, whole.manifest);
    expect(differences(evaluation.result, got) ?? wrong).toBeUndefined();
  });
  await fc.assert(property, { numRuns: Number(SLICES ?? 250), seed: Number(SEED ?? 42) });
  expect(counts.smaller).toBeGreaterThan(Number(SLICES ?? 250) / 20);
  process.stdout.write(`${counts.parts} parts, ${counts.smaller} of them smaller than the whole\n`);
});

test('of a chain of a hundred tasks, the part of one has what is directly above it', () => {
  const ids = Array.from({ length: 100 }, (_, index) => `t${index}`);
  const tasks = ids.map((id, index) => ({ id, upstream: ids.slice(Math.max(0, index - 1), index) }));
  const dag = dagOf({ name: 'chain', runState: 'leaves', tasks });
  const { manifest } = compileRerun(dag, { manifest: compile(dag).manifest, rerun: told(['t50']) });
  const names = Object.values(manifest.states).flatMap(({ task, masks }) => task ?? masks ?? []);
  expect(new Set(names)).toEqual(new Set(['t49', 't50']));
  expect(manifest.tasks).toHaveLength(100);
});

function told(tasks: readonly string[]): Rerun {
  return { tasks, data: {}, outputs: {} };
}
