/** History events, as GetExecutionHistory gives them. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html */
import type { JsonObject } from '../base/json.ts';

export interface HistoryEvent {
  /** From 1, in order. */
  readonly id: number;
  /** 0 for the first. */
  readonly previousEventId: number;
  /** Milliseconds since the epoch, UTC. */
  readonly timestampMs: number;
  readonly type: EventType;
  /**
   * The event's details without AWS's type-named wrapper: `name`, `input`, `output` (JSON text),
   * `resourceType`, `resource`, `parameters`, `error`, `cause`, `index`, `length` …
   */
  readonly details: JsonObject;
}

/** An execution that another one started: a child of a distributed Map, or by `states:startExecution`. */
export interface ChildExecution {
  readonly id: string;
  readonly parent: {
    /** Its id. */
    readonly execution: string;
    /** Event of it that this one begins at: the Map's `MapRunStarted`, the Task's `TaskStarted`. */
    readonly eventId: number;
    /** Of a distributed Map: place of the item, or batch, from 0. */
    readonly index?: number;
  };
}

export type EventType =
  | 'ExecutionStarted'
  | 'ExecutionSucceeded'
  | 'ExecutionFailed'
  | 'ExecutionTimedOut'
  | 'ExecutionAborted'
  | `${'Pass' | 'Choice' | 'Wait' | 'Task' | 'Parallel' | 'Map' | 'Succeed'}State${'Entered' | 'Exited'}`
  | 'FailStateEntered'
  | 'WaitStateAborted'
  | 'TaskStateAborted'
  | 'TaskScheduled'
  | 'TaskStarted'
  | 'TaskStartFailed'
  | 'TaskSubmitted'
  | 'TaskSubmitFailed'
  | 'TaskSucceeded'
  | 'TaskFailed'
  | 'TaskTimedOut'
  | `Activity${'Scheduled' | 'ScheduleFailed' | 'Started' | 'Succeeded' | 'Failed' | 'TimedOut'}`
  | `LambdaFunction${'Scheduled' | 'ScheduleFailed' | 'StartFailed' | 'Started' | 'Succeeded' | 'Failed' | 'TimedOut'}`
  | `ParallelState${'Started' | 'Succeeded' | 'Failed' | 'Aborted'}`
  | `MapState${'Started' | 'Succeeded' | 'Failed' | 'Aborted'}`
  | `MapIteration${'Started' | 'Succeeded' | 'Failed' | 'Aborted'}`
  | `MapRun${'Started' | 'Succeeded' | 'Failed' | 'Aborted'}`
  | 'EvaluationFailed';
