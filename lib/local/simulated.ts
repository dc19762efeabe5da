/** What a simulated run tells of each task and module: instants are seconds since its start. */
import type { ModuleRun, Outcome, TaskRun, TaskRunState } from '../history/task-run.ts';

export interface SimulatedOutcome {
  readonly state: TaskRunState;
  /** Absent where it did not run. */
  readonly startSec?: number;
  readonly endSec?: number;
}

export interface SimulatedTask extends SimulatedOutcome {
  /** 0 where the task did not run. */
  readonly tries: number;
  /** Of a task in maps, groups with retries and loops, by counters: `3`, `2.0`. Absent elsewhere. */
  readonly instances?: Readonly<Record<string, SimulatedTask>>;
}

export interface SimulatedModule extends SimulatedOutcome {
  /** By counters, the module's own last. */
  readonly instances: Readonly<Record<string, SimulatedOutcome>>;
}

/** Instant of the epoch, ms → seconds since the run's start. */
type Since = (instantMs: number) => number;

export function taskOf({ instances, ...run }: TaskRun, since: Since): SimulatedTask {
  const own = { ...outcomeOf(run, since), tries: run.tries.length };
  if (instances === undefined) return own;
  const runs = instances.map(
    (each) => [each.instance, { ...outcomeOf(each, since), tries: each.tries.length }] as const,
  );
  return { ...own, instances: Object.fromEntries(runs) };
}

export function moduleOf({ instances, ...run }: ModuleRun, since: Since): SimulatedModule {
  const runs = instances.map((each) => [each.instance, outcomeOf(each, since)] as const);
  return { ...outcomeOf(run, since), instances: Object.fromEntries(runs) };
}

function outcomeOf({ state, startMs, endMs }: Outcome, since: Since): SimulatedOutcome {
  return {
    state,
    ...(startMs === undefined ? {} : { startSec: since(startMs) }),
    ...(endMs === undefined ? {} : { endSec: since(endMs) }),
  };
}
