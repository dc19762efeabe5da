/** What a reader of history is told: task runs, their instances and their tries. */
import type { ManifestModule } from '../model/manifest.ts';

export type TaskRunState =
  | 'none'
  | 'scheduled'
  /** For places of a pool. */
  | 'queued'
  | 'running'
  /** For something outside: what a sensor looks for, a person's answer, an instant, an external job. */
  | 'waiting'
  | 'up_for_retry'
  | 'success'
  | 'failed'
  | 'skipped'
  | 'upstream_failed'
  | 'cancelled';

/** One task of one run. */
export interface TaskRun extends Outcome {
  readonly id: string;
  /** Oldest first; empty for what did not run, for what the machine itself decides, and for a map as a whole. */
  readonly tries: readonly Try[];
  /**
   * Of a task in maps, group retries and loops: each time it came to its turn, in order; the run's own state, times and
   * tries are then the last try's or iteration's, and of a map those of all instances together. Absent elsewhere.
   */
  readonly instances?: readonly TaskInstance[];
  /** Of a task directly in a map: how many instances there are to be, as far as is known. */
  readonly items?: number;
}

/** A state and when it was so. Milliseconds since the epoch, UTC, as all instants here. */
export interface Outcome {
  readonly state: TaskRunState;
  /** Absent where it did not run. */
  readonly startMs?: number;
  /** When it became final. */
  readonly endMs?: number;
  /** Of a run of some tasks of an earlier run: not run again, the state is that run's. */
  readonly masked?: true;
}

/** Which of several times something ran. */
export interface Instance {
  /** Counters of the maps (from 0), group retries and loops (from 1) around it, outermost first: `3`, `2.0`. */
  readonly instance: string;
  /** Place in the list of the innermost map, from 0, and what a person calls the item. */
  readonly mapIndex?: number;
  readonly label?: string;
  /** Try of the innermost group with retries, iteration of the innermost loop, from 1. */
  readonly groupTry?: number;
  readonly iteration?: number;
}

export interface TaskInstance extends Instance, Outcome {
  readonly tries: readonly Try[];
}

/** A mapped task, a mapped group, a group with retries, a loop; the run itself (`''`) where all of it is tried again. */
export interface ModuleRun extends Outcome {
  readonly id: string;
  readonly kind: ManifestModule['kind'];
  readonly instances: readonly ModuleInstance[];
  /** Of a map: how many there are to be, as far as is known. */
  readonly items?: number;
}

export interface ModuleInstance extends Instance, Outcome {}

export interface Try {
  readonly startMs: number;
  readonly endMs?: number;
  readonly state: 'running' | 'success' | 'failed' | 'skipped' | 'cancelled';
  readonly error?: string;
  readonly cause?: string;
}

export type RunState = 'running' | 'success' | 'failed' | 'cancelled';

/** States in the data of states, where one that succeeded is left out. */
export const CODES: Readonly<Record<string, TaskRunState | undefined>> = {
  f: 'failed',
  k: 'skipped',
  u: 'upstream_failed',
};

export const FINAL: ReadonlySet<TaskRunState> = new Set([
  'success',
  'failed',
  'skipped',
  'upstream_failed',
  'cancelled',
]);
