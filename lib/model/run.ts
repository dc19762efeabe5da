import type { JsonObject } from '../base/json.ts';
import type { CellState } from './state-chars.ts';

/**
 * How a run came to be. `scheduled` and `backfill` runs are of an interval of the DAG's schedule: there is one for each,
 * whoever makes it first. `manual` and `triggered` (by another DAG) runs have ids of their own.
 */
export type RunType = 'scheduled' | 'backfill' | 'manual' | 'triggered';

/** `starting`: admitted, and its execution is being started; people are told `queued`. */
export type LedgerState = 'queued' | 'starting' | 'running' | 'success' | 'failed' | 'cancelled';

/** The runs that share a limit: `main` (all but backfills), or `BF#<backfill id>`. */
export type Lane = 'main' | `BF#${string}`;

/** One run of one DAG: the entry of the ledger. Times are ISO 8601, UTC. */
export interface Run {
  readonly dagId: string;
  /**
   * Unique within the DAG; sorts by logical date. `2026-01-05T01:00:00Z` for the run of an interval,
   * `2026-01-05T01:00:00Z~<ulid>` for others.
   */
  readonly id: string;
  readonly type: RunType;
  readonly state: LedgerState;
  readonly lane: Lane;
  readonly logicalDate: string;
  /** `[start, end)`; `date` is the start's day in the schedule's zone. */
  readonly interval: { readonly start: string; readonly end: string; readonly date: string };
  /** Number of its execution, the next one's while it is queued; from 1. */
  readonly attempt: number;
  /** Hash of the manifest its execution has, or will have. */
  readonly version: string;
  readonly params: JsonObject;
  /** Who made it: `scheduler`, `backfill <id>`, `dag <id>`, or a person. */
  readonly by: string;
  readonly note?: string;
  /** Who made it and waits for its end. Absent: nobody waits, or somebody for what others made. */
  readonly awaitedBy?: AwaitingTask;
  readonly createdAt: string;
  /** When this attempt was queued. */
  readonly queuedAt: string;
  /** Not to be started earlier: jitter. Absent: at once. */
  readonly notBefore?: string;
  /** Starts whatever became of the run before it: it is the first of a backfill. Absent: as its tasks say. */
  readonly ignoresPast?: true;
  /** Of this attempt. Absent: not yet. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Of this attempt: ids of the tasks and modules that run again; the others keep what they have. Absent: all run. */
  readonly again?: readonly string[];
  /** Name of this attempt's execution, set as it starts. */
  readonly execution?: string;
  /** Names of those of the attempts before, the first one's first: where their logs are. Empty text: it never started. */
  readonly executions?: readonly string[];
  /** One character of `state-chars.ts` for each task, in the order of the version's manifest. */
  readonly cells: string;
  /**
   * States that people, or what follows from that, gave tasks and modules, over what its attempts recorded of them: in
   * the run, so that they and its state change in one write.
   */
  readonly marked?: Readonly<Record<string, Exclude<CellState, 'removed'>>>;
  /** The backfill that ran an attempt of it before, whose date follows it. Absent: none, or its lane says which. */
  readonly backfill?: string;
  /** What ended the execution uncaught, or the first task that failed the run. */
  readonly error?: string;
  readonly cause?: string;
  /** Tasks that failed, at most 10. */
  readonly failed?: readonly FailedTask[];
  /** State transitions of this attempt's execution. */
  readonly transitions?: number;
  /** Counts the writes of this run. */
  readonly rev: number;
}

/** A task (`trigger.dag` with `wait`) of an attempt: where that ends first, the run that it waits for is cancelled. */
export interface AwaitingTask extends RunKey {
  readonly attempt: number;
  readonly task: string;
}

export interface FailedTask {
  readonly task: string;
  readonly instance?: string;
  readonly try: number;
  readonly error: string;
  /** At most 1,000 characters. */
  readonly cause?: string;
}

export interface RunKey {
  readonly dagId: string;
  readonly runId: string;
}

export function keyOfRun({ dagId, id }: Pick<Run, 'dagId' | 'id'>): RunKey {
  return { dagId, runId: id };
}

/** True for a run that will change no more, unless somebody clears it. */
export function isFinal(state: LedgerState): boolean {
  return state === 'success' || state === 'failed' || state === 'cancelled';
}

/** True for the run of an interval, of which there is one. */
export function isIntervalRun({ id, logicalDate }: Pick<Run, 'id' | 'logicalDate'>): boolean {
  return id === logicalDate;
}
