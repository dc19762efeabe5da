/** What the events of an interrupted execution say that the world answered, and in which order. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { RunEvent } from '../../history/run-event.ts';
import { readToken, tokenSent } from '../sync-call.ts';

/** How a recorded call ended. */
export type CallEnd = {
  /** Place of the event among all. */
  readonly at: number;
  readonly ms: number;
} & (
  | { readonly kind: 'success'; readonly output: Json }
  | { readonly kind: 'failure'; readonly error: string; readonly cause: string }
  /** By the machine's own clock. */
  | { readonly kind: 'timeout' }
);

/** One call of a function, as it was written when it was made. */
export interface RecordedCall {
  readonly payload: JsonObject;
  /** Place of its first event among all. */
  readonly at: number;
  /** Absent: it was still going on, or its end was not written. */
  end?: CallEnd;
}

/** What happened because time passed: a wait or delay was over, a try timed out. */
export interface TimerEvent {
  readonly at: number;
  readonly ms: number;
}

export interface Answers {
  readonly events: number;
  readonly startMs: number;
  /** Of the last event: from then on nobody ran it. */
  readonly lastMs: number;
  /** The calls of one key, oldest first. */
  readonly calls: ReadonlyMap<string, readonly RecordedCall[]>;
  readonly timers: readonly TimerEvent[];
}

/** Reads them. Of calls only those that a function answered: the table of latches answers again as it did. */
export function answersIn(events: readonly RunEvent[]): Answers {
  const reader = new Reader();
  for (const [at, event] of events.entries()) reader.read(event, at);
  const startMs = events[0]?.timestampMs ?? 0;
  const lastMs = events.reduce((latest, { timestampMs }) => Math.max(latest, timestampMs), startMs);
  return { events: events.length, startMs, lastMs, calls: reader.calls, timers: reader.timers };
}

class Reader {
  readonly calls = new Map<string, RecordedCall[]>();
  readonly timers: TimerEvent[] = [];
  /** By execution and event id: the call it belongs to. */
  readonly #open = new Map<string, RecordedCall>();
  /** By execution and event id: the Task state it is of. */
  readonly #names = new Map<string, string>();
  /** Ends of tries, by execution and event id: what follows one is another try. */
  readonly #ended = new Set<string>();

  read(event: RunEvent, at: number): void {
    const { id, previousEventId, execution = '', type } = event;
    const before = `${execution}:${previousEventId}`;
    const here = `${execution}:${id}`;
    const isRetry = type === 'TaskScheduled' && this.#ended.has(before);
    if (isRetry || type === 'WaitStateExited' || type === 'TaskTimedOut')
      this.timers.push({ at, ms: event.timestampMs });
    if (ENDS.test(type)) this.#ended.add(here);
    const name = type === 'TaskStateEntered' ? textOf(event.details['name']) : this.#names.get(before);
    if (name !== undefined && type.startsWith('Task')) this.#names.set(here, name);
    const call =
      type === 'TaskScheduled'
        ? this.#made(event, at, this.#names.get(before) ?? '')
        : this.#open.get(before);
    if (call === undefined) return;
    const end = endIn(event, at);
    if (end === undefined) this.#open.set(here, call);
    else call.end = end;
  }

  #made({ details }: RunEvent, at: number, task: string): RecordedCall | undefined {
    const call = callIn(details, { at, task });
    if (call === undefined) return undefined;
    const key = keyOf(call.payload);
    this.calls.set(key, [...(this.calls.get(key) ?? []), call]);
    return call;
  }
}

const ENDS = /^Task(Failed|TimedOut|StartFailed|SubmitFailed)$/;

/** What a call is known by, whichever execution makes it: the same for the same try of the same run of a task. */
export function keyOf(payload: JsonObject): string {
  const { task, instance = '', try: tryNumber = 0, acquire, release, requested } = payload;
  if (requested !== undefined) return JSON.stringify(['engine', requested]);
  if (isObject(acquire)) return JSON.stringify(['acquire', acquire['pool'], acquire['holder']]);
  if (isObject(release)) return JSON.stringify(['release', release['pool'], release['holder']]);
  return JSON.stringify(['task', task, instance, tryNumber]);
}

/** What was sent to a function. */
export function payloadIn(args: Json | undefined): JsonObject | undefined {
  const payload = isObject(args) ? args['Payload'] : undefined;
  return isObject(payload) ? payload : undefined;
}

function callIn(
  details: JsonObject,
  { at, task }: { readonly at: number; readonly task: string },
): RecordedCall | undefined {
  const requested = tokenSent(details);
  if (requested !== undefined) return { payload: { task, ...readToken(requested), requested }, at };
  const { parameters } = details;
  if (typeof parameters !== 'string' || !parameters.includes('"Payload"')) return undefined;
  const sent: Json = JSON.parse(parameters);
  const payload = payloadIn(sent);
  return payload === undefined ? undefined : { payload, at };
}

function endIn({ type, timestampMs: ms, details }: RunEvent, at: number): CallEnd | undefined {
  if (type === 'TaskSucceeded') {
    const { output } = details;
    return { kind: 'success', at, ms, output: typeof output === 'string' ? JSON.parse(output) : null };
  }
  if (type === 'TaskTimedOut') return { kind: 'timeout', at, ms };
  if (!ENDS.test(type)) return undefined;
  return { kind: 'failure', at, ms, error: textOf(details['error']), cause: textOf(details['cause']) };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
