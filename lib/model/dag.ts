import type { Duration } from '../base/duration.ts';
import type { SourceLocation } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Asks } from './asks.ts';
import type { ModuleNode } from './module.ts';
import type { ScheduleNode } from './schedule.ts';
import type { RetryRule, TaskNode } from './task.ts';

/** A DAG as plain, frozen, JSON-serialisable data: what the compiler, the tests, the API and the page see. */
export interface DagNode {
  readonly id: string;
  readonly description?: string;
  /** Markdown. */
  readonly doc?: string;
  readonly owner?: string;
  readonly tags: readonly string[];
  readonly schedule: ScheduleNode;
  /** First instant whose interval may run, ISO 8601. */
  readonly start?: string;
  readonly end?: string;
  readonly catchup: boolean;
  readonly maxActiveRuns: number;
  /** An interval that still has no run so long after its end is passed over: its schedule makes none. Absent: never. */
  readonly skipIfLate?: Duration;
  /** Pauses the DAG when so many of its scheduled runs failed one after the other. Absent: never. */
  readonly maxConsecutiveFailedRuns?: number;
  /** Who is told of its runs. Absent: the environment's default notifier, of failures. */
  readonly callbacks?: Callbacks;
  /** @default '7d' */
  readonly runTimeout?: Duration;
  /** Runs every task again where the run failed, as a group's retries do. Absent: no retries. */
  readonly runRetries?: RetryRule;
  /** How long after the end of its interval a run should be done; it goes on where it is not. */
  readonly deadline?: Duration;
  /** `leaves`: the leaves decide the run (Airflow). `any-failed`: any failed task fails it. */
  readonly runState: 'leaves' | 'any-failed';
  /** JSON Schema by name. */
  readonly params: Readonly<Record<string, ParamNode>>;
  /** In the order declared. */
  readonly tasks: readonly TaskNode[];
  /** Groups, outer before inner: names, and modules where they say so. */
  readonly groups: readonly GroupNode[];
  /** Pools its tasks name, by name. Absent: none. */
  readonly pools?: readonly PoolNode[];
  /** Connections its tasks name, by name. */
  readonly connections: readonly ConnectionNode[];
  /** What bodies of its functions ask besides: as the author says it, else as its files name it. Absent: nobody looked. */
  readonly asks?: Partial<Asks>;
  /** Globs of files of the project that its functions read as they run. Absent: none. */
  readonly include?: readonly string[];
  readonly at?: SourceLocation;
}

/** Names of notifiers, by what they are told of. `onRetry`, `onSkipped`: of tasks. */
export interface Callbacks {
  readonly onFailure?: readonly string[];
  readonly onSuccess?: readonly string[];
  readonly onRetry?: readonly string[];
  readonly onSkipped?: readonly string[];
  /** Its deadline is over, and it is not done. */
  readonly onLate?: readonly string[];
}

/** JSON Schema of one param (draft 2020-12 subset: type, enum, default, description, minimum, maximum, pattern, format, items). */
export interface ParamNode extends JsonObject {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array';
}

export interface GroupNode {
  readonly id: string;
  readonly doc?: string;
  /** Full ids of the tasks directly in it. */
  readonly tasks: readonly string[];
  /** Makes it one unit that is entered and left as a whole; absent: a name only. */
  readonly module?: ModuleNode;
}

/** A number of places that tasks share, in all runs of all DAGs of an environment. */
export interface PoolNode {
  readonly name: string;
  /** How many tasks may hold one at the same time, at least 1. */
  readonly slots: number;
}

/** A named, per-environment binding of an engine. */
export interface ConnectionNode {
  readonly name: string;
  readonly kind: 'sql' | 'http';
}

/** Longest a run may take where the DAG names nothing: 7 days. */
export const DEFAULT_RUN_TIMEOUT_SECONDS = 604_800;
/** Airflow's `max_active_runs_per_dag`. @see https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html#max-active-runs-per-dag */
export const DEFAULT_MAX_ACTIVE_RUNS = 16;
