/**
 * Amazon States Language in JSONata mode.
 *
 * @see https://states-language.net/spec.html
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
import type { Json } from '../base/json.ts';

export interface StateMachine {
  readonly Comment?: string;
  readonly QueryLanguage?: 'JSONata';
  readonly Version?: string;
  readonly TimeoutSeconds?: number;
  readonly StartAt: string;
  readonly States: States;
}

export type States = Readonly<Record<string, State>>;

export type State =
  | TaskState
  | PassState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

interface Common {
  readonly Comment?: string;
  readonly QueryLanguage?: 'JSONata';
}

/** Where a state leads: exactly one of the two. */
interface Transition {
  readonly Next?: string;
  readonly End?: true;
}

interface DataFlow {
  readonly Assign?: Assignments;
  readonly Output?: Json;
}

/** Variable → value or `{% expression %}`. */
export type Assignments = Readonly<Record<string, Json>>;

/** A whole number, or a `{% … %}` expression that gives one. */
export type Num = number | string;

export interface TaskState extends Common, Transition, DataFlow {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Arguments?: Json;
  readonly Credentials?: Json;
  readonly TimeoutSeconds?: Num;
  readonly HeartbeatSeconds?: Num;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface PassState extends Common, Transition, DataFlow {
  readonly Type: 'Pass';
}

export interface ChoiceState extends Common, DataFlow {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

export interface ChoiceRule extends DataFlow {
  readonly Comment?: string;
  readonly Condition: string | boolean;
  readonly Next: string;
}

export interface WaitState extends Common, Transition, DataFlow {
  readonly Type: 'Wait';
  readonly Seconds?: Num;
  readonly Timestamp?: string;
}

export interface SucceedState extends Common {
  readonly Type: 'Succeed';
  readonly Output?: Json;
}

export interface FailState extends Common {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly Cause?: string;
}

export interface ParallelState extends Common, Transition, DataFlow {
  readonly Type: 'Parallel';
  readonly Branches: readonly Branch[];
  readonly Arguments?: Json;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface Branch {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: States;
}

export interface MapState extends Common, Transition, DataFlow {
  readonly Type: 'Map';
  readonly Items?: Json;
  readonly ItemSelector?: Json;
  readonly ItemReader?: ItemReader;
  readonly ItemBatcher?: ItemBatcher;
  readonly ResultWriter?: Json;
  readonly ItemProcessor: Branch & { readonly ProcessorConfig?: ProcessorConfig };
  readonly MaxConcurrency?: Num;
  readonly ToleratedFailureCount?: Num;
  readonly ToleratedFailurePercentage?: Num;
  readonly Label?: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface ProcessorConfig {
  readonly Mode?: 'INLINE' | 'DISTRIBUTED';
  readonly ExecutionType?: 'STANDARD' | 'EXPRESS';
}

export interface ItemReader {
  readonly Resource: string;
  readonly ReaderConfig?: Json;
  readonly Arguments?: Json;
}

export interface ItemBatcher {
  readonly MaxItemsPerBatch?: Num;
  readonly MaxInputBytesPerBatch?: Num;
  readonly BatchInput?: Json;
}

export interface Retrier {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher extends DataFlow {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}
