import type { DagNode } from './dag.ts';
import type { Manifest } from './manifest.ts';

/** A DAG as it is registered: all that scheduling it, reading its runs and running some of them again needs, but its code. */
export interface DagVersion {
  readonly dag: DagNode;
  readonly manifest: Manifest;
}

/** What is kept of a DAG itself, beside its versions. Times are ISO 8601, UTC. */
export interface DagHead {
  readonly dagId: string;
  /** Hash of the newest manifest. */
  readonly version: string;
  /** Hash of all that is registered under that version: its schedule may change where what shapes a run does not. */
  readonly definition?: string;
  readonly description?: string;
  readonly owner?: string;
  readonly tags: readonly string[];
  /** In words. */
  readonly schedule: string;
  readonly paused: boolean;
  /** Who paused it, and why: `tutti: 3 runs failed one after the other`. */
  readonly pausedBy?: string;
  /** When it was last unpaused: failures before that pause it no more. */
  readonly unpausedAt?: string;
  /** When it was first registered: where it names no `start`, no earlier interval is scheduled. */
  readonly registeredAt: string;
  /** Since when the project has it no more. Absent: it is there. */
  readonly retiredAt?: string;
  /**
   * How far the ledger is complete: every interval that ended by `through` has its run, or was passed over by the rules.
   * It holds for the schedule, start, end and catchup it was made with (`basis`); with others it counts as absent.
   */
  readonly watermark?: { readonly basis: string; readonly through: string };
  /**
   * Until when runs of intervals were removed for their age or number: no interval that ended by then is made again,
   * whatever becomes of the schedule. Absent: none was removed.
   */
  readonly prunedThrough?: string;
  /** Counts the writes of this head. */
  readonly rev: number;
}
