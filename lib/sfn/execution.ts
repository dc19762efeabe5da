/** One execution as the server keeps it. */
import type { HistoryEvent } from '../asl/events.ts';
import type { Json } from '../base/json.ts';
import type { Machine, Revision } from './machine.ts';

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface ExecutionRecord {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  /** What it runs, whatever becomes of the machine. */
  readonly revision: Revision;
  readonly versionArn: string | undefined;
  readonly aliasArn: string | undefined;
  /** As it was sent. */
  readonly input: string;
  readonly traceHeader: string | undefined;
  /** The mocks it runs with. */
  readonly testCase: string | undefined;
  readonly startedMs: number;
  /** In order; grows while it runs. */
  readonly events: HistoryEvent[];
  /** Characters of text in the events. */
  size: number;
  end: End | undefined;
  /** Ends it as ABORTED. */
  readonly stop: AbortController;
  /** Resolves when it has ended. */
  readonly done: Promise<void>;
}

interface End {
  readonly status: Exclude<Status, 'RUNNING'>;
  readonly stoppedMs: number;
  /** JSON text. */
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

const STATUS: Partial<Record<HistoryEvent['type'], End['status']>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

export function statusOf(record: ExecutionRecord): Status {
  return record.end?.status ?? 'RUNNING';
}

/** Writes an event; the last one ends the execution. */
export function write(record: ExecutionRecord, event: HistoryEvent): void {
  record.events.push(event);
  for (const detail of Object.values(event.details))
    if (typeof detail === 'string') record.size += detail.length;
  const status = STATUS[event.type];
  if (status === undefined) return;
  const { output, error, cause } = event.details;
  record.end = {
    status,
    stoppedMs: event.timestampMs,
    output: asText(output),
    error: asText(error),
    cause: asText(cause),
  };
}

function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
