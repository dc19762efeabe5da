import type { DagNode } from './dag.ts';
import type { Manifest } from './manifest.ts';

/** A DAG as it is registered: all that scheduling it, reading its runs and running some of them again needs, but its code. */
export interface DagVersion {
  readonly dag: DagNode;
  readonly manifest: Manifest;
  /**
   * Where it was deployed. The manifest's hash then covers code, roles and configuration too: each pair of machine and
   * function versions is a version of its own. Absent: it runs here.
   */
  readonly deployment?: Deployment;
}

/** What runs a version on AWS. All ARNs name published versions, which never change. */
export interface Deployment {
  /** The machine's version. */
  readonly machine: string;
  /** That of the machine that runs some tasks again. */
  readonly rerun: string;
  /** Function versions: `main`, and what tasks of other sizes have. */
  readonly fns: { readonly main: string; readonly [name: string]: string };
  /** Nested machines by part, of a DAG that is divided. */
  readonly parts?: Readonly<Record<string, string>>;
  readonly rerunParts?: Readonly<Record<string, string>>;
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
  /** The stack that has it: what another one no longer has is not this one's. Absent: it runs here. */
  readonly stack?: string;
  /** The version that was deployed, where somebody went back to an older one. Absent: `version` is that. */
  readonly pinnedFrom?: string;
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
