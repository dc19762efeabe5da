/**
 * What is kept of DAGs and their runs. Three implementations pass one suite (`test/store/contract.ts`): memory, SQLite
 * (`lib/local/sqlite/`), DynamoDB. Every change of a state is one conditional write; nothing needs a transaction of several
 * items, so each step may be repeated, and a crash between two of them is mended by repeating.
 */
import type { Json, JsonObject } from '../base/json.ts';
import type { RecordedRun } from '../history/recorded-run.ts';
import type { TaskRunState } from '../history/task-run.ts';
import type { DagHead, DagVersion } from '../model/dag-version.ts';
import type { Lane, LedgerState, Run, RunKey, RunType } from '../model/run.ts';

/** All stores of one environment, opened together. */
export interface Store {
  readonly dags: DagStore;
  readonly runs: RunStore;
  readonly taskRuns: TaskRunStore;
  readonly backfills: BackfillStore;
  readonly audit: AuditLog;
  readonly leases: LeaseStore;
  close(): Promise<void>;
}

/** Part of a longer list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Gives what follows. Absent: nothing does. Opaque. */
  readonly cursor?: string;
}

export interface DagStore {
  /** Keeps a version under its manifest's hash, replacing one of that hash. */
  putVersion(version: DagVersion): Promise<void>;
  version(dagId: string, hash: string): Promise<DagVersion | undefined>;
  head(dagId: string): Promise<DagHead | undefined>;
  /** Of all DAGs, retired ones included, by id. */
  heads(): Promise<readonly DagHead[]>;
  /** Creates the head if there is none; false where there is one. */
  createHead(head: DagHead): Promise<boolean>;
  /**
   * Changes fields of a head whose `rev` is still `rev`, which it raises by one; `undefined` in a patch removes a field.
   * Gives the new head; `undefined` where somebody changed it meanwhile, or it is not there.
   */
  updateHead(dagId: string, rev: number, patch: Patch<DagHead>): Promise<DagHead | undefined>;
  /** Of every DAG that has runs and a head, by id: its newest runs by logical date, newest first, `count` of each. */
  recent(count: number): Promise<readonly RecentRuns[]>;
}

/** The most that `recent` gives of one DAG. */
export const MAX_RECENT = 30;

export interface RecentRuns {
  readonly dagId: string;
  readonly runs: readonly RunOutline[];
}

/** What a list of DAGs shows of a run. */
export type RunOutline = Pick<Run, 'id' | 'type' | 'state' | 'logicalDate' | 'startedAt' | 'endedAt'>;

/** New values of some fields; `undefined` removes the field. What identifies or orders a thing stays as it is. */
export type Patch<T> = { readonly [K in Exclude<keyof T, Fixed>]?: T[K] | undefined };

type Fixed = 'dagId' | 'id' | 'logicalDate' | 'createdAt' | 'position' | 'rev';

export interface RunQuery {
  /** @default runs of all DAGs */
  readonly dagId?: string;
  /** @default all */
  readonly states?: readonly LedgerState[];
  /** @default all */
  readonly types?: readonly RunType[];
  /** Logical dates from (inclusive) … to (inclusive), ISO 8601. @default all */
  readonly from?: string;
  readonly to?: string;
  /** By logical date, then id; over all DAGs by `createdAt`, then DAG and id. @default 'newest' */
  readonly order?: 'newest' | 'oldest';
  /** From 1 to 1,000. @default 100 */
  readonly limit?: number;
  readonly cursor?: string;
}

/** What a conditional write expects to find. */
export interface ExpectedRun {
  /** One of these. */
  readonly states: readonly LedgerState[];
  /** @default any */
  readonly attempt?: number;
  /** @default any */
  readonly rev?: number;
}

export interface RunStore {
  /** The one write by which a run comes to be; false where the DAG has a run of this id. */
  create(run: Run): Promise<boolean>;
  get(key: RunKey): Promise<Run | undefined>;
  /** Changes fields where the run is as expected, raising `rev` by one; gives the new run, else `undefined`. */
  update(key: RunKey, expected: ExpectedRun, patch: Patch<Run>): Promise<Run | undefined>;
  list(query: RunQuery): Promise<Page<Run>>;
  /** Every run that is queued, starting or running, oldest logical date first, read consistently. */
  open(of?: { readonly dagId?: string; readonly lane?: Lane }): Promise<readonly Run[]>;
  /**
   * Takes a place of a lane for a run: true where the run has one now (also if it had one before), false where `max`
   * others have. A set of run ids, never a counter: repeated steps count once.
   */
  admit(dagId: string, lane: Lane, runId: string, max: number): Promise<boolean>;
  /** Gives the place back; nothing where it has none. */
  release(dagId: string, lane: Lane, runId: string): Promise<void>;
  /** Runs in a lane. */
  admitted(dagId: string, lane: Lane): Promise<readonly string[]>;
  /**
   * What changed after a cursor, each run once as it is now, and the DAGs whose heads did. Without a cursor nothing but
   * the cursor of now. `resync`: the cursor is of another store, or runs were removed since; read everything anew.
   */
  changes(cursor?: string, limit?: number): Promise<Changes>;
  /** Removes runs that ended, with all that belongs to them, by age and count per DAG. Gives those that it removed. */
  prune(policy: Retention): Promise<readonly RunKey[]>;
}

export interface Changes {
  readonly runs: readonly Run[];
  readonly dags: readonly string[];
  readonly cursor: string;
  readonly resync?: boolean;
}

export interface Retention {
  /** Runs that ended before go. ISO 8601. @default none by age */
  readonly endedBefore?: string;
  /** Of each DAG's runs that ended, so many newest by logical date stay. @default none by count */
  readonly keep?: number;
  /** Removes nothing, and gives what would go. In here, so that what hands a policy on cannot lose it. @default false */
  readonly dryRun?: boolean;
}

/** One task run of one attempt of a run; of a task that may run several times, one of each instance and one of the whole. */
export interface TaskRunRow {
  readonly attempt: number;
  readonly task: string;
  /** Counters of the modules around it: `3`, `2.0`. Absent: the task as a whole. */
  readonly instance?: string;
  readonly mapIndex?: number;
  readonly label?: string;
  readonly state: TaskRunState;
  /** Milliseconds since the epoch. */
  readonly startMs?: number;
  readonly endMs?: number;
  /** Oldest first. Empty for the whole of a task that has instances. */
  readonly tries: readonly TryRow[];
  /** Of the whole of a mapped task: how many instances there are to be. */
  readonly items?: number;
  /** Marked by a person: who. */
  readonly markedBy?: string;
}

export interface TryRow {
  readonly startMs: number;
  readonly endMs?: number;
  readonly state: 'running' | 'success' | 'failed' | 'skipped' | 'cancelled';
  readonly error?: string;
  /** At most 4,000 characters. */
  readonly cause?: string;
}

/** Of runs that were created: nothing is kept of others. */
export interface TaskRunStore {
  /** Replaces rows of the same attempt, task and instance, and adds the others: repeating it changes nothing. */
  put(run: RunKey, rows: readonly TaskRunRow[]): Promise<void>;
  /** Of all attempts, oldest first, in the order they were first put; `task`: only its rows. */
  list(
    run: RunKey,
    of?: { readonly task?: string; readonly attempt?: number },
  ): Promise<readonly TaskRunRow[]>;
  /** What the run's tasks gave and chose, for an attempt that runs some of them again. Replaces what was kept. */
  putRecorded(run: RunKey, recorded: RecordedRun): Promise<void>;
  recorded(run: RunKey): Promise<RecordedRun | undefined>;
}

/** A range of dates to be run, as asked for, and how far it is. */
export interface Backfill {
  /** ULID: sorts by time. */
  readonly id: string;
  readonly dagId: string;
  /** Logical dates of the first and last interval, inclusive, ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly reprocess: 'none' | 'failed' | 'completed';
  readonly order: 'oldest' | 'newest';
  readonly maxActiveRuns: number;
  readonly params: JsonObject;
  /** Tasks of runs that are made or run again; absent: all. */
  readonly tasks?: readonly string[];
  /** One run for the whole range. */
  readonly asOne: boolean;
  readonly state: 'running' | 'paused' | 'success' | 'failed' | 'cancelled';
  readonly by: string;
  readonly note?: string;
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly rev: number;
}

export interface BackfillDate {
  readonly logicalDate: string;
  readonly interval: Run['interval'];
  /** What becomes of it: a new run, another attempt of one, or nothing. */
  readonly action: 'create' | 'rerun' | 'skip';
  /** Why it is skipped: `already exists`, `in flight`, `waits` … */
  readonly reason?: string;
  /** `pending`: not yet queued. A skipped date is `skipped`. */
  readonly state: 'pending' | 'queued' | 'success' | 'failed' | 'cancelled' | 'skipped';
  /** Set with `queued`. */
  readonly runId?: string;
  /** Attempt of that run that belongs to this backfill. */
  readonly attempt?: number;
  /** Place in the order in which it runs, from 0. */
  readonly position: number;
}

export interface BackfillStore {
  /** The plan and all its dates; false where there is one of this id. A half-written one is not seen by `list`. */
  create(backfill: Backfill, dates: readonly BackfillDate[]): Promise<boolean>;
  get(dagId: string, id: string): Promise<Backfill | undefined>;
  /** Newest first; `dagId` absent: of all DAGs. `active`: only running and paused ones. */
  list(of: {
    readonly dagId?: string;
    readonly active?: boolean;
    readonly limit?: number;
    readonly cursor?: string;
  }): Promise<Page<Backfill>>;
  update(dagId: string, id: string, rev: number, patch: Patch<Backfill>): Promise<Backfill | undefined>;
  /** By position; `states`: only those; `limit`: so many at most. @default all */
  dates(
    dagId: string,
    id: string,
    states?: readonly BackfillDate['state'][],
    limit?: number,
  ): Promise<readonly BackfillDate[]>;
  /** Changes a date whose state is `from`; false where it is another. */
  updateDate(
    of: { readonly dagId: string; readonly id: string; readonly logicalDate: string },
    from: BackfillDate['state'],
    patch: Patch<BackfillDate>,
  ): Promise<boolean>;
}

/** Who did what, when. */
export interface AuditEntry {
  /** ULID: sorts by time. */
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  /** Where it came from. */
  readonly via: 'cli' | 'api' | 'scheduler' | 'page';
  /** `trigger`, `pause`, `clear`, `mark`, `cancel`, `backfill.create` … */
  readonly action: string;
  readonly dagId?: string;
  readonly runId?: string;
  /** What was asked for, and what changed: small. */
  readonly details: JsonObject;
}

export interface AuditLog {
  /** Repeating it changes nothing. */
  append(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(of: {
    readonly dagId?: string;
    readonly runId?: string;
    readonly actor?: string;
    readonly action?: string;
    readonly from?: string;
    readonly to?: string;
    readonly limit?: number;
    readonly cursor?: string;
  }): Promise<Page<AuditEntry>>;
}

/** Names that one holder at a time has, until a time; and answers that are given once. */
export interface LeaseStore {
  /** Takes or prolongs a lease: `undefined` where it is the holder's now, else who has it. */
  acquire(
    name: string,
    holder: JsonObject & { readonly id: string },
    untilMs: number,
    nowMs: number,
  ): Promise<JsonObject | undefined>;
  /** Gives it back, if it is the holder's. */
  release(name: string, holderId: string): Promise<void>;
  /** Who has it now. */
  holder(name: string, nowMs: number): Promise<JsonObject | undefined>;
  /** Keeps a value under a key if there is none that has not expired; gives the one that was there before. */
  once(key: string, value: Json, untilMs: number, nowMs: number): Promise<Json | undefined>;
  /** Replaces what `once` kept. */
  settle(key: string, value: Json, untilMs: number): Promise<void>;
}
