/**
 * A whole run as data: the format of the shared `semantics/*.json`, where it is described, and what it lacks: keys
 * marked as ours.
 */
export interface Case {
  readonly name: string;
  readonly note?: string;
  readonly runState: 'leaves' | 'any-failed';
  readonly tasks: readonly CaseTask[];
  /** Groups: tasks are in the innermost one whose id, and a dot, theirs begins with. Outer before inner. Ours. */
  readonly modules?: readonly CaseModule[];
  /** Ours. */
  readonly pools?: readonly { readonly name: string; readonly slots: number }[];
  /** Ours. */
  readonly runRetries?: CaseRetry;
  /** What the compiler is told of sizes. Ours. */
  readonly limits?: { readonly inlineItems?: number; readonly tasks?: number };
  /** Tasks and modules of the top scope that run again after the run, as {@link CaseTask.again} has it. Ours. */
  readonly rerun?: readonly string[];
  readonly expected?: CaseResult;
}

export interface CaseTask {
  readonly id: string;
  readonly group?: string;
  /** Tasks, and modules (ours). */
  readonly upstream?: readonly string[];
  readonly triggerRule?: string;
  /** `sensor`, `at` and `approve` are ours. */
  readonly kind?: 'branch' | 'shortCircuit' | 'map' | 'setup' | 'teardown' | 'sensor' | 'at' | 'approve';
  readonly outcome?: Outcome;
  readonly durationSec?: number;
  /** Of a sensor: its looks; `Sensor.NotReady` is the error of one that finds nothing. */
  readonly tries?: readonly CaseTry[];
  readonly retries?: readonly CaseRetry[];
  readonly timeoutSec?: number;
  readonly chooses?: readonly string[];
  readonly condition?: boolean;
  readonly respectTriggerRules?: boolean;
  readonly items?: readonly CaseItem[];
  readonly concurrency?: number;
  /** A share, `'30%'`, is ours. */
  readonly tolerate?: number | `${number}%`;
  readonly setups?: readonly string[];
  readonly failRun?: boolean;
  /** Of a branch or shortCircuit: decided by an expression, in no time. Ours. */
  readonly expression?: boolean;
  /** Tasks and loops above it whose output its inputs, or its expressions, refer to: `outputs.ts`. Ours. */
  readonly reads?: readonly string[];
  /** It also reads the item and index of every map around it, and what the iteration before gave in every loop. Ours. */
  readonly around?: boolean;
  /** In a module: how it goes in the instances, in turn (`instances.ts`), in place of what the task itself says. Ours. */
  readonly runs?: readonly CaseItem[];
  /** How it goes where it runs again. Ours. */
  readonly again?: CaseItem;
  /** Of a mapped task: where its list comes from. Absent: a constant. Ours. */
  readonly list?: CaseList;
  /** Ours. */
  readonly pool?: { readonly name: string; readonly slots: number };
  /** Step Functions itself runs it, by an engine: it never skips, and no rule is for all its errors but one. Ours. */
  readonly engine?: true;
  /** Of a sensor. Ours. */
  readonly poke?: CasePoke;
  /** Of an `at`: seconds since the run's start. Ours. */
  readonly atSec?: number;
}

export type Outcome = 'success' | 'failed' | 'skipped';

export interface CaseTry {
  readonly outcome: Outcome;
  readonly durationSec: number;
  readonly error?: string;
}

/** How a task goes in one instance: of a mapped task in the shared format. */
export interface CaseItem {
  readonly outcome?: Outcome;
  readonly durationSec?: number;
  readonly tries?: readonly CaseTry[];
  /** Ours, as the next. */
  readonly chooses?: readonly string[];
  readonly condition?: boolean;
}

export interface CaseRetry {
  readonly on?: string;
  readonly attempts: number;
  readonly delaySec?: number;
  readonly backoff?: number;
  readonly maxDelaySec?: number;
}

export interface CasePoke {
  readonly everySec: number;
  readonly backoff: number;
  readonly maxEverySec?: number;
  readonly timeoutSec: number;
  readonly softFail: boolean;
}

/** A list that a map goes over. */
export interface CaseList {
  /** A constant, a param, the output of `task`, or a part of the item of the next map around it. */
  readonly from: 'constant' | 'param' | 'output' | 'item';
  readonly task?: string;
  readonly maxItems?: number;
  /** What is there is none. */
  readonly broken?: boolean;
  /** Its instances are called after their items. */
  readonly label?: boolean;
}

/** A group that is a unit; of kind `group` a name only. */
export interface CaseModule {
  readonly id: string;
  readonly kind: 'map' | 'retry' | 'loop' | 'group';
  /** Its own. */
  readonly upstream?: readonly string[];
  readonly triggerRule?: string;
  readonly list?: CaseList;
  /** Of a map: items in its list, where that is no list of outputs. */
  readonly count?: number;
  readonly concurrency?: number;
  readonly tolerate?: number | `${number}%`;
  readonly retries?: CaseRetry;
  readonly loop?: CaseLoop;
}

export interface CaseLoop {
  readonly maxIterations: number;
  /** The iteration after which it ends, from 1; 0: none. */
  readonly untilAt: number;
  /** A task inside, that says so by its output. Absent: a param says so, for all iterations alike: `untilAt` is 1 or 0. */
  readonly task?: string;
  /** The output itself is the condition; absent: a comparison with it. */
  readonly bare?: boolean;
  /** What the output says is no boolean. */
  readonly broken?: boolean;
  /** A task outside whose output is what the first iteration gets. Absent: a constant. */
  readonly initial?: string;
}

export type FinalState = Outcome | 'upstream_failed';

export interface CaseResult {
  readonly runState: 'success' | 'failed';
  readonly endSec: number;
  /** Tasks of the top scope. */
  readonly tasks: Readonly<Record<string, TaskResult>>;
  /**
   * By id and counters: modules of the top scope (`g`) but mapped tasks, instances of modules (`g#2`: its second try),
   * tasks in them (`g.a#2`, `m#0`); and by id tasks in a module of the top scope that has no instances. Ours.
   */
  readonly inner?: Readonly<Record<string, TaskResult>>;
}

export interface TaskResult {
  readonly state: FinalState;
  /** Absent where the task did not run. */
  readonly startSec?: number;
  /** Absent of what a rerun is only told. */
  readonly endSec?: number;
  /** Absent where it did not run, and of a mapped task. */
  readonly tries?: number;
  /** States of a mapped task's instances that ran. */
  readonly items?: readonly FinalState[];
}
