/** What each of Core's functions is sent. What comes from outside is checked where it arrives. */
import type { JsonObject } from '../base/json.ts';
import type { AwaitingTask } from '../model/run.ts';
import type { FinalRunState } from '../model/run-input.ts';

/**
 * From a DAG's schedule: a nudge, `at` the nominal time. Or from a DAG's function whose task is `trigger.dag`, or waits for
 * a run of another DAG.
 */
export type TickEvent =
  | { readonly dag: string; readonly at?: string }
  | { readonly trigger: TriggerEvent }
  | { readonly wait: WaitEvent };

/** A task that is answered by its token, once a run of another DAG is what it waits for. Told anew, it has another token. */
export interface WaitEvent {
  readonly dagId: string;
  /** A day or an instant. */
  readonly logicalDate: string;
  readonly states: readonly FinalRunState[];
  readonly failOn: readonly FinalRunState[];
  /** That run alone. @default the newest whose interval holds `logicalDate` */
  readonly runId?: string;
  /** Error of the task where the run ended in a state of `failOn`. */
  readonly error: string;
  readonly token: string;
  /** Which task waits. */
  readonly consumer: AwaitingTask & { readonly instance?: string };
}

/** Asked twice with one id, there is one run. */
export interface TriggerEvent {
  readonly dagId: string;
  readonly logicalDate?: string;
  readonly params?: JsonObject;
  readonly triggeredBy: string;
  /** 32 hexadecimal digits, the same for each try. */
  readonly id: string;
  /** The task of `triggeredBy` that waits for the run's end. */
  readonly awaitedBy?: Omit<AwaitingTask, 'dagId'>;
}

/** From record, sweep and api-write: external jobs of these runs are to be ended. */
export interface CancelEvent {
  readonly dagId: string;
  readonly runId: string;
  readonly attempt: number;
  readonly cause: string;
}

/** What CloudFormation sends `register` as properties of `Custom::TuttiDags`: the DAGs that a stack is to have. */
export interface RegisterProperties {
  readonly ServiceToken: string;
  readonly Environment: string;
  /** Of the stack: `0`. */
  readonly Stack: string;
  /** Bucket and key of a JSON file, `DagVersion[]` without deployments. */
  readonly ManifestBucket: string;
  readonly ManifestKey: string;
  readonly Dags: readonly RegisteredDag[];
  /** Ids of DAGs whose active runs are cancelled rather than keep them from being removed: `-c tutti:cancel=a,b`. */
  readonly Cancel?: readonly string[];
}

/** ARNs that are known only when everything was made. */
export interface RegisteredDag {
  readonly id: string;
  /** The manifest's hash. */
  readonly hash: string;
  /** Of the machine's version. */
  readonly machine: string;
  readonly rerun: string;
  /** Function versions by name: `main`. */
  readonly fns: Readonly<Record<string, string>>;
  /** Nested machines' versions of a DAG that is divided, by part. */
  readonly parts?: Readonly<Record<string, string>>;
  readonly rerunParts?: Readonly<Record<string, string>>;
}

/** What a DAG's own function is sent: by its machine a task's event (`TaskEvent`), by Core's `cancel` this. */
export interface CancelJobs {
  readonly kind: 'cancel';
  readonly dagId: string;
  readonly runId: string;
  readonly attempt: number;
  readonly cause: string;
}
