/**
 * The rules of a run, a second time: written from the semantics alone, never from the compiler, so that the
 * two can be compared. A run is a list of instants at which tasks become final; each task looks at them in order.
 */
import type { Case, CaseResult, CaseTask, FinalState, TaskResult } from './case.ts';
import { type Final, type Shape, shapeOf } from './shape.ts';
import { attempt } from './tries.ts';
import { verdict } from './verdict.ts';

/** What became of a task. */
interface Fate {
  readonly state: FinalState;
  readonly endMs: number;
  readonly startMs?: number;
  readonly tries?: number;
  readonly items?: readonly FinalState[];
}

/** Every task's state, start, end and tries, and the run's, with unlimited workers and no overhead. */
export function reference(input: Case): CaseResult {
  const shape = shapeOf(input.tasks);
  const fates = new Map<string, Fate>();
  for (const task of shape.order) fates.set(task.id, fateOf(task, shape, fates));
  const tasks = input.tasks.map(({ id }) => [id, resultOf(fateIn(fates, id))] as const);
  return {
    runState: runStateIn(input, fates),
    endSec: Math.max(0, ...[...fates.values()].map(({ endMs }) => endMs)) / 1000,
    tasks: Object.fromEntries(tasks),
  };
}

/** Goes through the instants at which something the task looks at became final, until one decides it. */
function fateOf(task: CaseTask, shape: Shape, fates: ReadonlyMap<string, Fate>): Fate {
  const upstream = task.upstream ?? [];
  if (upstream.length === 0) return run(task, 0);
  const holders = shape.holders(task.id);
  const instants = [...new Set([...upstream, ...holders].map((id) => fateIn(fates, id).endMs))];
  for (const nowMs of [0, ...instants.sort((a, b) => a - b)]) {
    const final: Final = (id) => {
      const { state, endMs } = fateIn(fates, id);
      return endMs <= nowMs ? state : undefined;
    };
    const decision = holders.every((id) => final(id) !== undefined) ? decide(task, shape, final) : 'wait';
    if (decision === 'run') return run(task, nowMs);
    if (decision !== 'wait') return { state: decision, endMs: nowMs };
  }
  throw new Error(`task ${task.id} is never decided`);
}

function decide(task: CaseTask, shape: Shape, final: Final): FinalState | 'run' | 'wait' {
  const upstream = task.upstream ?? [];
  const done = upstream.every((id) => final(id) !== undefined);
  const barred = shape.cut(task.id, final) ? 'skipped' : guarded(shape.guards(task.id), final);
  if (barred !== undefined) return done ? barred : 'wait';
  const states = upstream.map(final);
  const setups = (task.setups ?? []).map(final);
  return verdict(task.kind === 'teardown' ? 'teardown' : (task.triggerRule ?? 'all_success'), states, setups);
}

/** Work between a setup that is not directly above it and its teardown shares the setup's fate. */
function guarded(setups: readonly string[], final: Final): 'upstream_failed' | 'skipped' | undefined {
  const states = setups.map(final);
  if (states.some(isBad)) return 'upstream_failed';
  return states.includes('skipped') ? 'skipped' : undefined;
}

function run(task: CaseTask, startMs: number): Fate {
  if (task.kind === 'map') return runMapped(task, startMs);
  // What the machine itself decides has no tries.
  return task.expression ? { state: 'success', startMs, endMs: startMs } : attempt(task, task, startMs);
}

/** Instances in order, each as soon as one of the `concurrency` places is free. */
function runMapped(task: CaseTask, startMs: number): Fate {
  const items = task.items ?? [];
  if (items.length === 0) return { state: 'skipped', endMs: startMs, items: [] };
  const places = new Array<number>(Math.min(task.concurrency ?? items.length, items.length)).fill(startMs);
  const ended = items.map((item) => {
    const place = places.indexOf(Math.min(...places));
    const instance = attempt(task, item, places[place] ?? startMs);
    places[place] = instance.endMs;
    return instance;
  });
  const states = ended.map(({ state }) => state);
  const failed = states.filter((state) => state === 'failed').length;
  const good = states.every((state) => state === 'skipped') ? 'skipped' : 'success';
  const state = failed > (task.tolerate ?? 0) ? 'failed' : good;
  return { state, startMs, endMs: Math.max(...ended.map(({ endMs }) => endMs)), items: states };
}

/** The leaves decide, or every task; teardowns without `failRun` are as if they were not there. */
function runStateIn({ tasks, runState }: Case, fates: ReadonlyMap<string, Fate>): 'success' | 'failed' {
  const counted = tasks.filter(({ kind, failRun }) => kind !== 'teardown' || failRun === true);
  const isLeaf = ({ id }: CaseTask) => !counted.some(({ upstream = [] }) => upstream.includes(id));
  const deciding = runState === 'leaves' ? counted.filter(isLeaf) : counted;
  return deciding.some(({ id }) => isBad(fateIn(fates, id).state)) ? 'failed' : 'success';
}

function isBad(state: FinalState | undefined): boolean {
  return state === 'failed' || state === 'upstream_failed';
}

function resultOf({ state, startMs, endMs, tries, items }: Fate): TaskResult {
  return {
    state,
    ...(startMs === undefined ? {} : { startSec: startMs / 1000 }),
    endSec: endMs / 1000,
    ...(tries === undefined ? {} : { tries }),
    ...(items === undefined ? {} : { items }),
  };
}

function fateIn(fates: ReadonlyMap<string, Fate>, id: string): Fate {
  const fate = fates.get(id);
  if (fate === undefined) throw new Error(`no task ${id}`);
  return fate;
}
