/** The ledger as commands use it: that of this project, or of an environment that is deployed. */
import type { Clock } from '../../base/clock.ts';
import type { Run } from '../../model/run.ts';
import type { Audit } from '../../orchestrator/audit.ts';
import type { CreatedBackfill } from '../../orchestrator/backfill/create.ts';
import type { HeldDates } from '../../orchestrator/backfill/held-dates.ts';
import type { BackfillRequest } from '../../orchestrator/backfill/preview.ts';
import type { Cancelled, CancelRequest } from '../../orchestrator/cancel.ts';
import type { ClearedRun, ClearRequest } from '../../orchestrator/clear.ts';
import type { MarkedRun, MarkRequest } from '../../orchestrator/mark.ts';
import type { NextRun } from '../../orchestrator/next.ts';
import type { PinRequest } from '../../orchestrator/pin.ts';
import type { LoggedLine, LoggedTryKey } from '../../orchestrator/ports.ts';
import type { Triggered, TriggerRequest } from '../../orchestrator/trigger.ts';
import type { Why } from '../../orchestrator/why.ts';
import type {
  AuditLog,
  Backfill,
  BackfillStore,
  DagStore,
  RunStore,
  TaskRunStore,
} from '../../store/store.ts';
import type { DevHolder } from '../dev/lease.ts';

export interface Ledger extends Seen {
  readonly acts: LedgerActs;
  /** The `tutti dev` that has the store here. */
  readonly dev: DevHolder | undefined;
  /** The deployment that it is of, which executes its runs. Absent: this project's. */
  readonly environment: string | undefined;
  /** Lets this process execute these runs, from now on: resolves at once. Nothing where they are executed there. */
  readonly execute: (runs: readonly Run[], signal: AbortSignal) => Promise<void>;
  /** Lets this process execute the runs of a backfill. */
  readonly executeBackfill: (backfill: Backfill, signal: AbortSignal) => Promise<void>;
  /**
   * Starts nothing more, and waits for all that runs here: as one run ended, another was started in its place, which
   * somebody else may have asked for.
   */
  readonly leave: () => Promise<void>;
  /** Whether anybody executes a run that goes on: where nobody does, watching would have no end. */
  readonly isExecuted: (run: Run) => Promise<boolean>;
  /** Lines that a try of a run's attempt wrote there, oldest first. Absent: they are in the run's folder here. */
  readonly linesOf?: (run: Run, of: Omit<LoggedTryKey, 'execution'>) => Promise<readonly LoggedLine[]>;
}

/** What following runs needs. */
export interface Seen {
  readonly store: LedgerReads;
  readonly clock: Clock;
  /** What the dates of a backfill wait for. */
  readonly heldDates: (backfill: Backfill) => Promise<HeldDates>;
  /** How often it is looked into. Milliseconds. */
  readonly lookMs: number;
  /** Ends the commands that are told to be typed next: ` --env prod`, or nothing. */
  readonly suffix: string;
}

/** What commands read, as stores give it. */
export interface LedgerReads {
  readonly dags: Pick<DagStore, 'head' | 'heads' | 'version'>;
  readonly runs: Pick<RunStore, 'get' | 'list' | 'open'>;
  readonly taskRuns: Pick<TaskRunStore, 'list'>;
  readonly backfills: Pick<BackfillStore, 'get' | 'list' | 'dates'>;
  readonly audit: Pick<AuditLog, 'list'>;
}

export type BackfillStep = 'pause' | 'resume' | 'cancel' | 'retry';

/** What a DAG is at now, or would be. */
export interface PinnedVersion {
  readonly version: string;
  readonly before: string;
  /** What was deployed last, where that is another. */
  readonly pinnedFrom?: string;
}

/** What commands change and ask: the orchestrator's use cases, with their refusals, by whoever types. */
export interface LedgerActs {
  trigger(request: TriggerRequest): Promise<Triggered>;
  clear(request: ClearRequest): Promise<{ readonly runs: readonly ClearedRun[] }>;
  mark(request: MarkRequest): Promise<{ readonly runs: readonly MarkedRun[] }>;
  cancel(request: CancelRequest): Promise<Cancelled>;
  createBackfill(request: BackfillRequest): Promise<CreatedBackfill>;
  changeBackfill(id: string, step: BackfillStep): Promise<void>;
  setPaused(dagId: string, paused: boolean): Promise<void>;
  pin(request: PinRequest): Promise<PinnedVersion>;
  next(dagId: string, count: number): Promise<readonly NextRun[]>;
  why(dagId: string, dateOrRunId: string): Promise<Why>;
  audit(dagId: string, range: { readonly from: string; readonly to: string }): Promise<Audit>;
}
