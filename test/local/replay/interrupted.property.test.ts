/** Whatever a run was doing when its process died: what it had done stays done, and the rest is done once. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Compiled, compileSound } from '../../../lib/compiler/compile.ts';
import { project } from '../../../lib/history/project.ts';
import { recordedRun } from '../../../lib/history/recorded-run.ts';
import type { RunEvent } from '../../../lib/history/run-event.ts';
import { answersIn } from '../../../lib/local/replay/answers.ts';
import { simulate } from '../../../lib/local/simulate.ts';
import type { Manifest } from '../../../lib/model/manifest.ts';
import type { TaskNode } from '../../../lib/model/task.ts';
import { build, dagOf } from '../../build.ts';
import type { Case } from '../../reference/case.ts';
import { anyCase } from '../../reference/random/arbitrary.ts';
import { begunIn, resume } from './interrupted.ts';

const { SEED, RUNS } = process.env;
const OPTIONS = { numRuns: Number(RUNS ?? 20), seed: Number(SEED ?? 42) };

/** Tries that are lost are made again. */
const AGAIN = { on: ['Dag.TryLost'], attempts: 9, delay: 1 } as const;

function compiledOf(input: Case): Compiled {
  const dag = dagOf(input);
  const tasks = dag.tasks.map(
    (task): TaskNode =>
      task.call.kind === 'fn' || task.call.kind === 'branch' || task.call.kind === 'shortCircuitFn'
        ? { ...task, retries: [AGAIN, ...task.retries] }
        : task,
  );
  return compileSound({ ...dag, tasks }, input.limits === undefined ? {} : { limits: input.limits });
}

test('an interrupted run ends as one that was not', { timeout: 300_000 }, async () => {
  const moments = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(anyCase, moments, fc.boolean(), async (input, parts, wasDown) => {
      const compiled = compiledOf(input);
      const { script, params } = build(input);
      const whole = await simulate(compiled, script, { params });
      for (const part of parts) {
        const cut = 1 + Math.floor(part * (whole.events.length - 1));
        const events = whole.events.slice(0, cut);
        const resumed = await resume({ compiled, script, params, events, downMs: wasDown ? 3_600_000 : 0 });
        // Nothing that began before begins again, nothing begins twice.
        const isTry = tryIn(input);
        const began = [...begunIn(events), ...resumed.began].filter(isTry);
        expect(began).toHaveLength(new Set(began).size);
        // What had ended has the same end.
        expect(endsIn(resumed.events.slice(0, resumed.replayed))).toMatchObject(endsIn(events));
        if (!isTimeless(input)) continue;
        expect(toldBy(compiled.manifest, resumed.events)).toEqual(toldBy(compiled.manifest, whole.events));
      }
    }),
    OPTIONS,
  );
});

/** Whether a key is of a try of a function: who waits for a person is asked again. */
function tryIn({ tasks }: Case): (key: string) => boolean {
  const approvals = new Set(tasks.filter(({ kind }) => kind === 'approve').map(({ id }) => id));
  return (key) => {
    const [what, task] = JSON.parse(key);
    return what === 'task' && !approvals.has(task);
  };
}

/** Ends of calls by key, in order, without where they are written. */
function endsIn(events: readonly RunEvent[]): Readonly<Record<string, unknown>> {
  const ended = [...answersIn(events).calls].map(
    ([key, calls]) =>
      [key, calls.flatMap(({ end }) => (end === undefined ? [] : [{ ...end, at: 0 }]))] as const,
  );
  return Object.fromEntries(ended.filter(([, ends]) => ends.length > 0));
}

/** What waits has only so much time, which an interruption takes some of. */
function isTimeless({ tasks }: Case): boolean {
  return tasks.every(({ kind }) => kind !== 'sensor' && kind !== 'approve');
}

/** States of all tasks and instances, what they gave, and how the run ended. */
function toldBy(manifest: Manifest, events: readonly RunEvent[]) {
  const { state, tasks } = project(manifest, events);
  const states = tasks.flatMap(({ id, instances = [], ...run }) => [
    [id, run.state],
    ...instances.map((each) => [`${id}[${each.instance}]`, each.state]),
  ]);
  const { outputs, marks, records } = recordedRun(manifest, events);
  const sorted = records.map((record) => JSON.stringify(record)).toSorted();
  return { state, states: Object.fromEntries(states), outputs, marks, records: sorted };
}
