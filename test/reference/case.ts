/**
 * A whole run as data: the format of the shared `semantics/*.json`, where it is described.
 *
 * Two keys are ours: `expression` and `reads`.
 */
export interface Case {
  readonly name: string;
  readonly note?: string;
  readonly runState: 'leaves' | 'any-failed';
  readonly tasks: readonly CaseTask[];
  readonly expected?: CaseResult;
}

export interface CaseTask {
  readonly id: string;
  readonly group?: string;
  readonly upstream?: readonly string[];
  readonly triggerRule?: string;
  readonly kind?: 'branch' | 'shortCircuit' | 'map' | 'setup' | 'teardown';
  readonly outcome?: Outcome;
  readonly durationSec?: number;
  readonly tries?: readonly CaseTry[];
  readonly retries?: readonly CaseRetry[];
  readonly timeoutSec?: number;
  readonly chooses?: readonly string[];
  readonly condition?: boolean;
  readonly respectTriggerRules?: boolean;
  readonly items?: readonly CaseItem[];
  readonly concurrency?: number;
  readonly tolerate?: number;
  readonly setups?: readonly string[];
  readonly failRun?: boolean;
  /** Of a branch or shortCircuit: decided by an expression, in no time. Ours. */
  readonly expression?: boolean;
  /** Tasks above it whose output its inputs, or its expressions, refer to. Each task's output is its own id. Ours. */
  readonly reads?: readonly string[];
}

export type Outcome = 'success' | 'failed' | 'skipped';

export interface CaseTry {
  readonly outcome: Outcome;
  readonly durationSec: number;
  readonly error?: string;
}

/** One instance of a mapped task. */
export interface CaseItem {
  readonly outcome?: Outcome;
  readonly durationSec?: number;
  readonly tries?: readonly CaseTry[];
}

export interface CaseRetry {
  readonly on?: string;
  readonly attempts: number;
  readonly delaySec?: number;
  readonly backoff?: number;
  readonly maxDelaySec?: number;
}

export type FinalState = Outcome | 'upstream_failed';

export interface CaseResult {
  readonly runState: 'success' | 'failed';
  readonly endSec: number;
  readonly tasks: Readonly<Record<string, TaskResult>>;
}

export interface TaskResult {
  readonly state: FinalState;
  /** Absent where the task did not run. */
  readonly startSec?: number;
  readonly endSec: number;
  /** Absent where it did not run, and of a mapped task. */
  readonly tries?: number;
  /** States of a mapped task's instances that ran. */
  readonly items?: readonly FinalState[];
}
