import type { ChildExecution, HistoryEvent } from '../asl/events.ts';

/** An event of a run, which may have several executions: its own, and those that one of them started. */
export interface RunEvent extends HistoryEvent {
  /** Id of the execution it is of. Absent: the run's own. */
  readonly execution?: string;
  /** Where that begins in the one that started it; with its first event. */
  readonly parent?: ChildExecution['parent'];
}

/** An event of an execution that another one started, as one of the run's. */
export function childEvent(event: HistoryEvent, { id, parent }: ChildExecution): RunEvent {
  return event.id === 1 ? { ...event, execution: id, parent } : { ...event, execution: id };
}
