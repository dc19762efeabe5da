/** Whatever a run was doing when its process died: what it had done stays done, and the rest is done once. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../lib/base/json.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { type Compiled, compileSound } from '../../../lib/compiler/compile.ts';
import { project } from '../../../lib/history/project.ts';
import { recordedRun } from '../../../lib/history/recorded-run.ts';
import type { RunEvent } from '../../../lib/history/run-event.ts';
import { answersIn, keyOf } from '../../../lib/local/replay/answers.ts';
import type { Script } from '../../../lib/local/script.ts';
import { simulate } from '../../../lib/local/simulate.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import type { Manifest } from '../../../lib/model/manifest.ts';
import type { TaskEvent } from '../../../lib/model/run-input.ts';
import type { TaskNode } from '../../../lib/model/task.ts';
import { build, dagOf } from '../../build.ts';
import { groupRetries, loops, mappedGroup, mapping, nGraph, outputs, pools } from '../../features.ts';
import type { Case } from '../../reference/case.ts';
import { anyCase } from '../../reference/random/arbitrary.ts';
import { begunIn, resume } from './interrupted.ts';

const { SEED, RUNS } = process.env;
const OPTIONS = { numRuns: Number(RUNS ?? 20), seed: Number(SEED ?? 42) };

/** Tries that are lost are made again. */
const AGAIN = { on: ['Dag.TryLost'], attempts: 9, delay: 1 } as const;

function again(dag: DagNode): DagNode {
  const tasks = dag.tasks.map(
    (task): TaskNode =>
      ['fn', 'branch', 'shortCircuitFn', 'engine'].includes(task.call.kind)
        ? { ...task, retries: [AGAIN, ...task.retries] }
        : task,
  );
  return { ...dag, tasks };
}

test('an interrupted run ends as one that was not', { timeout: 300_000 }, async () => {
  // Numbers of fast-check are small or large more often than in between.
  const moments = fc.integer().map((seed) => Array.from({ length: 6 }, seededRandom(seed)));
  await fc.assert(
    fc.asyncProperty(anyCase, moments, fc.boolean(), async (input, parts, wasDown) => {
      const { script, params } = build(input);
      const limits = input.limits === undefined ? {} : { limits: input.limits };
      const compiled = compileSound(again(dagOf(input)), limits);
      const isTry = tryIn(input);
      const subject = { compiled, script, params, isTry, isTimeless: isTimeless(input) };
      const whole = await wholeOf(subject);
      for (const part of parts) {
        const cut = 1 + Math.floor(part * (whole.events.length - 1));
        await interrupt(subject, whole, { cut, downMs: wasDown ? 3_600_000 : 0 });
      }
    }),
    OPTIONS,
  );
});

test.each([
  ['latches', nGraph],
  ['maps', mapping],
  ['maps of executions of their own', mappedGroup],
  ['groups that retry', groupRetries],
  ['loops', loops],
  ['outputs', outputs],
  ['pools', pools],
] as const)('a run with %s, interrupted after each of its events, too', async (_, dag) => {
  // A loop needs three iterations.
  const script = ({ instance = '3' }: TaskEvent) => ({
    output: { rows: Number(instance.split('.')[0]), path: 'a.json', files: ['a.json', 'b.json'] },
  });
  const compiled = compileSound(again(dag));
  const subject = { compiled, script, params: {}, isTry: tryIn({ tasks: [] }), isTimeless: true };
  const whole = await wholeOf(subject);
  expect(whole.events.length).toBeGreaterThan(20);
  for (let cut = 1; cut < whole.events.length; cut++) await interrupt(subject, whole, { cut, downMs: 0 });
});

interface Subject {
  readonly compiled: Compiled;
  readonly script: Script;
  readonly params: JsonObject;
  readonly isTry: (key: string) => boolean;
  readonly isTimeless: boolean;
}

interface Whole {
  readonly events: readonly RunEvent[];
  /** What each run of each task was given. */
  readonly given: ReadonlyMap<string, unknown>;
}

async function wholeOf({ compiled, script, params }: Subject): Promise<Whole> {
  const given = new Map<string, unknown>();
  const onTry = (event: TaskEvent) => given.set(runOf(event), event.args);
  const { events } = await simulate(compiled, script, { params, onTry });
  return { events, given };
}

async function interrupt(
  { compiled, script, params, isTry, isTimeless: isComparable }: Subject,
  whole: Whole,
  { cut, downMs }: { readonly cut: number; readonly downMs: number },
): Promise<void> {
  const events = whole.events.slice(0, cut);
  const resumed = await resume({ compiled, script, params, events, downMs });
  // Nothing that began before begins again, nothing begins twice.
  const began = [...begunIn(events), ...resumed.began.map(keyOf)].filter(isTry);
  expect(began).toHaveLength(new Set(began).size);
  // What had ended has the same end.
  expect(endsIn(resumed.events.slice(0, resumed.replayed))).toMatchObject(endsIn(events));
  if (!isComparable) return;
  // Who starts early is given what there is by then: more of it, if it starts later.
  for (const event of resumed.began)
    expect(event.args ?? {}).toMatchObject(whole.given.get(runOf(event)) ?? {});
  expect(toldBy(compiled.manifest, resumed.events)).toEqual(toldBy(compiled.manifest, whole.events));
}

/** Which run of which task. */
function runOf({ task, instance = '' }: TaskEvent): string {
  return `${task}@${instance}`;
}

/** Whether a key is of a try of a function: who waits for a person is asked again. */
function tryIn({ tasks }: Pick<Case, 'tasks'>): (key: string) => boolean {
  const approvals = new Set(tasks.filter(({ kind }) => kind === 'approve').map(({ id }) => id));
  return (key) => {
    const [what, task] = JSON.parse(key);
    // An engine's token is of a try, which may have several calls: here nothing is ever busy.
    return what === 'engine' || (what === 'task' && !approvals.has(task));
  };
}

/**
 * Ends of calls by key, in order, without where they are written, and when: of answers that came in one turn, of which a
 * crash tore the rest off, the last may be told at the instant of going on.
 */
function endsIn(events: readonly RunEvent[]): Readonly<Record<string, unknown>> {
  const ended = [...answersIn(events).calls].map(
    ([key, calls]) =>
      [key, calls.flatMap(({ end }) => (end === undefined ? [] : [{ ...end, at: 0, ms: 0 }]))] as const,
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
