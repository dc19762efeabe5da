/** One stay of a run at a task's own state: its tries. */
import type { HistoryEvent } from '../asl/events.ts';
import type { JsonObject } from '../base/json.ts';
import { CODES, type TaskRunState, type Try } from './task-run.ts';

/** A task that was entered. */
export interface Visit {
  readonly startMs: number;
  endMs: number | undefined;
  state: TaskRunState;
  readonly tries: Try[];
  /** Of the last call of a try that goes on all the same. */
  error: Pick<Try, 'error' | 'cause'> | undefined;
  /** Errors, besides those of services that every task meets, after which the same try goes on. */
  readonly renews: readonly string[];
}

/** How an execution ended in the middle of something. */
export interface Cut {
  readonly state: 'failed' | 'cancelled';
  readonly error?: string;
}

/** Not the end of a try: it goes on after them. */
const SAME_TRY =
  /^(Sensor\.NotReady|Engine\.(NotReady|Busy)|Lambda\.(ServiceException|AWSLambdaException|SdkClientException|TooManyRequestsException))$/;

/** A look that found nothing: until it finds something, the task waits. */
const NOT_READY = /^(Sensor|Engine)\.NotReady$/;

export function enteredAt(
  startMs: number,
  state: 'running' | 'waiting' = 'running',
  renews: readonly string[] = [],
): Visit {
  return { startMs, endMs: undefined, state, tries: [], error: undefined, renews };
}

/** Takes in an event of the state's task. */
export function tell(visit: Visit, { type, timestampMs, details }: HistoryEvent): void {
  const last = visit.tries.at(-1);
  if (type === 'TaskScheduled') {
    if (last?.state === 'running') return;
    visit.state = 'running';
    visit.error = undefined;
    visit.tries.push({ startMs: timestampMs, state: 'running' });
    return;
  }
  if (type === 'TaskSubmitted') visit.state = 'waiting';
  const ended = endOf(type, details);
  if (last?.state !== 'running' || ended === undefined) return;
  const { state, ...error } = ended;
  if (goesOn(visit, error.error)) {
    visit.error = error;
    if (NOT_READY.test(error.error)) visit.state = 'waiting';
    return;
  }
  endTry(visit, timestampMs, ended);
  visit.state = state === 'failed' ? 'up_for_retry' : 'running';
}

function goesOn({ renews }: Visit, error: string | undefined): error is string {
  return error !== undefined && (SAME_TRY.test(error) || renews.includes(error));
}

/** What an engine answered is no success, or could not be evaluated. */
export function tellUnevaluated(visit: Visit, { timestampMs, details }: HistoryEvent): void {
  const last = visit.tries.at(-1);
  if (last?.state !== 'success') return;
  const { error, cause } = details;
  const why = { error: String(error ?? ''), ...(typeof cause === 'string' ? { cause } : {}) };
  endTry(visit, last.endMs ?? timestampMs, { state: 'failed', ...why });
}

/** Leaves the state for a wait, after which it is entered again: another try follows. */
export function pause(visit: Visit, endMs: number): void {
  if (visit.tries.at(-1)?.state === 'running') endTry(visit, endMs, { state: 'failed', ...visit.error });
  visit.state = 'up_for_retry';
}

/** Leaves the state: `code` is what its data says of the task. */
export function leave(visit: Visit, endMs: number, code: unknown): void {
  const last = visit.tries.at(-1);
  const told = CODES[String(code)];
  visit.endMs = endMs;
  if (last?.state === 'running') {
    const state = told === 'failed' || told === 'skipped' ? told : 'success';
    endTry(visit, endMs, { state, ...(state === 'success' ? {} : visit.error) });
  }
  // What nobody reads is not in the data.
  const unsaid = last?.state === 'failed' || last?.state === 'skipped' ? last.state : 'success';
  visit.state = told ?? unsaid;
}

/** The execution ended in the middle of it; said again of one that was stopped, it is so for the reason of the last. */
export function cut(visit: Visit, endMs: number, { state, error }: Cut): void {
  visit.endMs = endMs;
  visit.state = state;
  const last = visit.tries.at(-1)?.state;
  if (last !== 'running' && last !== 'cancelled') return;
  endTry(visit, endMs, error === undefined ? { state } : { state, error });
}

function endTry(visit: Visit, endMs: number, ended: Omit<Try, 'startMs' | 'endMs'>): void {
  const last = visit.tries.pop();
  if (last !== undefined) visit.tries.push({ startMs: last.startMs, endMs, ...ended });
}

function endOf(
  type: HistoryEvent['type'],
  details: JsonObject,
): Pick<Try, 'state' | 'error' | 'cause'> | undefined {
  if (type === 'TaskSucceeded') return { state: 'success' };
  if (type === 'TaskStateAborted') return { state: 'cancelled' };
  if (!/^Task(Failed|TimedOut|StartFailed|SubmitFailed)$/.test(type)) return undefined;
  const error = String(details['error'] ?? (type === 'TaskTimedOut' ? 'States.Timeout' : ''));
  const cause = typeof details['cause'] === 'string' ? { cause: details['cause'] } : {};
  return { state: error === 'SkipTask' ? 'skipped' : 'failed', error, ...cause };
}
