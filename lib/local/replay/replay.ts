/**
 * Executes an interrupted machine again up to where it was: finished tries answer as they did, in the order they did,
 * and time stands where it stood. Then it goes on: tries that were under way as their process died have failed, waits
 * still last, and what was never called is called for the first time.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { NOT_READY } from '../../engines/sensor.ts';
import { type ResourceCall, type ResourceHandler, TaskError } from '../../interpreter/resource.ts';
import type { TaskTokens } from '../../interpreter/tokens.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import type { LookCounter } from '../../runtime/look.ts';
import type { LatchTable } from '../latch-table.ts';
import { recordOutput } from '../recorded.ts';
import { syncCall } from '../sync-call.ts';
import { type Answers, type CallEnd, keyOf, payloadIn, type RecordedCall } from './answers.ts';
import { ReplayClock } from './replay-clock.ts';

/** Error of a try that was under way as its process died: nobody knows how far it came. Retry rules may name it. */
export const TRY_LOST = 'Dag.TryLost';

/** What an execution works with. */
export interface ReplayParts {
  readonly tokens: TaskTokens;
  readonly table: LatchTable;
  readonly looks: LookCounter;
  /** Takes places of pools again that were held; gives a promise for each holder that must wait for them. */
  readonly regain: (requests: readonly JsonObject[]) => Promise<ReadonlyMap<string, Promise<void>>>;
}

export interface ReplayOptions {
  readonly answers: Answers;
  /** Time from where the record ends. */
  readonly clock: Clock;
  /** All that was written before is written again; from now on the world is asked. */
  readonly onCaughtUp: () => void;
}

/** The machine of now does not do what the record says. */
export class Diverged extends Error {
  override readonly name = 'Diverged';
}

interface Pending {
  readonly end: CallEnd;
  readonly answer: () => void;
}

interface Lost {
  readonly at: number;
  readonly fail: (waiting: ReadonlyMap<string, Promise<void>>) => Promise<void>;
}

export class Replay {
  readonly clock: ReplayClock;
  readonly #options: ReplayOptions;
  /** Recorded calls that were not made again yet, by key. */
  readonly #left: Map<string, RecordedCall[]>;
  #unused: number;
  #pending: Pending[] = [];
  readonly #lost: Lost[] = [];
  /** Of calls that timed out. */
  readonly #timeouts: AbortSignal[] = [];
  /** Timers that went off. */
  #fired = 0;
  #written = 0;
  #parts: ReplayParts | undefined;
  readonly #caughtUp = Promise.withResolvers<void>();
  #isCaughtUp = false;

  constructor(options: ReplayOptions) {
    const { answers, clock } = options;
    this.#options = options;
    this.clock = new ReplayClock(answers.startMs, clock);
    this.#left = new Map([...answers.calls].map(([key, calls]) => [key, [...calls]]));
    this.#unused = [...answers.calls.values()].flat().filter(isAnswered).length;
  }

  /** The machine wrote an event. */
  heard(): void {
    this.#written += 1;
    if (this.#written >= this.#options.answers.events) this.clock.leavePast();
  }

  /** Answers as recorded, and asks the handler for what is not. */
  wrap(resources: ResourceHandler, parts: ReplayParts): ResourceHandler {
    this.#parts = parts;
    return (call) => {
      const isFunction = call.resource === 'arn:aws:states:::lambda:invoke';
      const payload = isFunction ? payloadIn(call.arguments) : syncCall(call)?.event;
      // Latches and nested executions: they do again what they did.
      if (payload === undefined) return resources(call);
      const recorded = this.#left.get(keyOf(payload))?.shift();
      if (recorded === undefined) {
        this.clock.leavePast();
        return this.#live(resources, call);
      }
      if (isAnswered(recorded)) this.#unused -= 1;
      if (recorded.end?.kind === 'timeout') this.#timeouts.push(call.signal);
      return this.#replayed({ call, payload, recorded, resources, parts });
    };
  }

  /**
   * Leads the machine to the end of the record, and on.
   *
   * @throws {Diverged} when it does not come there
   */
  async drive(isOver: () => boolean): Promise<void> {
    do {
      await setImmediate();
      if (isOver()) return;
    } while (this.#step());
    await this.#catchUp();
  }

  #live(resources: ResourceHandler, call: ResourceCall): ReturnType<ResourceHandler> {
    if (this.#isCaughtUp) return resources(call);
    const { signal } = call;
    return this.#caughtUp.promise.then(() => {
      signal.throwIfAborted();
      return resources(call);
    });
  }

  /** The next thing that happened: an answer, or a wait that was over. False where the record has no more. */
  #step(): boolean {
    const { timers, lastMs } = this.#options.answers;
    const next = this.#nextPending();
    const timer = timers[this.#fired];
    const waitMs = this.clock.nextMs();
    if (timer !== undefined && waitMs !== undefined && (next === undefined || timer.at < next.end.at)) {
      this.#fired += 1;
      this.clock.reach(timer.ms);
      this.clock.wakeNext();
      return true;
    }
    if (next !== undefined) {
      this.#answer(next, timer?.at ?? Number.POSITIVE_INFINITY);
      return true;
    }
    // Of timers of one instant the record may have some, and the clock others.
    const isShort = this.#unused > 0 || this.#timeouts.some(({ aborted }) => !aborted);
    if (waitMs === undefined || waitMs > lastMs || !isShort) return false;
    this.clock.wakeNext();
    return true;
  }

  #nextPending(): Pending | undefined {
    return this.#pending.reduce<Pending | undefined>(
      (first, each) => (first === undefined || each.end.at < first.end.at ? each : first),
      undefined,
    );
  }

  /** With those of the same instant before the next timer: they came in one turn, and go on side by side as they did. */
  #answer({ end: { ms } }: Pending, before: number): void {
    const isDue = ({ end }: Pending) => end.ms === ms && end.at < before;
    const due = this.#pending.filter(isDue).toSorted((a, b) => a.end.at - b.end.at);
    this.#pending = this.#pending.filter((each) => !isDue(each));
    this.clock.reach(ms);
    for (const { answer } of due) answer();
  }

  async #catchUp(): Promise<void> {
    this.clock.leavePast();
    if (this.#unused > 0) {
      const [key] = [...this.#left].find(([, calls]) => calls.some(isAnswered)) ?? [];
      throw new Diverged(`its machine does not come to ${key} again, which its record has`);
    }
    this.#options.onCaughtUp();
    const waiting = (await this.#parts?.regain(heldIn(this.#options.answers))) ?? new Map();
    this.#isCaughtUp = true;
    this.#caughtUp.resolve();
    for (const { fail } of this.#lost.toSorted((a, b) => a.at - b.at)) void fail(waiting);
    // What they lead to counts from when they were lost, and comes before what is over since.
    await setImmediate();
    this.clock.release();
  }

  #replayed(replayed: Replayed): ReturnType<ResourceHandler> {
    const { call, recorded } = replayed;
    if (call.pattern === 'waitForTaskToken') return this.#token(replayed);
    const { end } = recorded;
    if (end === undefined && isObject(replayed.payload['release']))
      return this.#live(replayed.resources, call);
    return new Promise<Json>((resolve, reject) => {
      if (end === undefined || end.kind === 'timeout') this.#lose(replayed, reject);
      else this.#when(end, () => settle(replayed, end, { resolve, reject }));
    });
  }

  /** A call that hands a token on, and whose answer comes later. */
  #token(replayed: Replayed): ReturnType<ResourceHandler> {
    const { call, payload, recorded, resources, parts } = replayed;
    const { end } = recorded;
    if (end === undefined) {
      // Its time counts from when it was asked first.
      this.clock.recall(this.#options.answers.lastMs);
      return this.#live(resources, call);
    }
    const token = tokenOf(payload);
    if (end.kind !== 'timeout') this.#when(end, () => answerToken(parts.tokens, token, end));
    return {};
  }

  #when(end: CallEnd, answer: () => void): void {
    if (this.#isCaughtUp) answer();
    else this.#pending.push({ end, answer });
  }

  /** It was under way as its process died. What timed out times out again, unless its time is not over yet. */
  #lose({ call, payload, recorded, parts }: Replayed, reject: (error: TaskError) => void): void {
    const event = payload as TaskEvent;
    const { lastMs } = this.#options.answers;
    const begun = parts.looks.begin(event);
    const { signal } = call;
    const fail = async (waiting: ReadonlyMap<string, Promise<void>>) => {
      await waiting.get(holderOf(event));
      if (signal.aborted) return;
      const error = lostError(event, lastMs);
      parts.looks.end(begun, error.error);
      reject(error);
    };
    if (this.#isCaughtUp) void fail(new Map());
    else this.#lost.push({ at: recorded.at, fail });
  }
}

interface Replayed {
  readonly call: ResourceCall;
  readonly payload: JsonObject;
  readonly recorded: RecordedCall;
  readonly resources: ResourceHandler;
  readonly parts: ReplayParts;
}

interface Settling {
  readonly resolve: (output: Json) => void;
  readonly reject: (error: TaskError) => void;
}

function isAnswered({ end }: RecordedCall): boolean {
  return end !== undefined && end.kind !== 'timeout';
}

/** A function's answer, with what it left in the table. */
function settle(
  { payload, parts }: Replayed,
  end: Exclude<CallEnd, { readonly kind: 'timeout' }>,
  { resolve, reject }: Settling,
): void {
  const event = payload as TaskEvent;
  const isTask = typeof payload['task'] === 'string';
  const begun = isTask ? parts.looks.begin(event) : event;
  if (end.kind === 'success') {
    const out = payloadIn(end.output)?.['out'];
    if (event.record === true && isObject(out)) recordOutput(parts.table, event.execution, event, out);
    resolve(end.output);
    return;
  }
  if (isTask) parts.looks.end(begun, end.error);
  reject(new TaskError(end.error, end.cause, { atMs: end.ms }));
}

function answerToken(
  tokens: TaskTokens,
  token: string,
  end: Exclude<CallEnd, { readonly kind: 'timeout' }>,
): void {
  try {
    if (end.kind === 'success') tokens.success(token, end.output);
    else tokens.failure(token, end.error, end.cause);
  } catch (error) {
    // Nobody waits for it any more.
    if (!(error instanceof TaskError)) throw error;
  }
}

function tokenOf({ token, acquire }: JsonObject): string {
  return String(isObject(acquire) ? acquire['token'] : token);
}

/** To look is no work: it is looked again. */
function lostError(event: TaskEvent, atMs: number): TaskError {
  const when = new Date(atMs).toISOString();
  if (event.poke !== undefined) return new TaskError(NOT_READY, `what looked was gone at ${when}`, { atMs });
  const text = `task "${event.task}": must run to its end, got a process that was gone at ${when}; what it did until then is not known`;
  return new TaskError(TRY_LOST, text, { atMs });
}

/** As the machine names who holds places of a pool. */
function holderOf({ execution: { run }, task, instance }: TaskEvent): string {
  return `${run.dagId}/${run.id}/${run.attempt}/${task}${instance === undefined ? '' : `#${instance}`}`;
}

/** Places of pools that were lent at the end of the record, as they were asked for. */
function heldIn({ calls }: Answers): readonly JsonObject[] {
  const held = new Map<string, JsonObject>();
  for (const { payload, end } of [...calls.values()].flat().toSorted((a, b) => a.at - b.at)) {
    const { acquire, release } = payload;
    if (isObject(acquire) && end?.kind === 'success') held.set(String(acquire['holder']), acquire);
    if (isObject(release)) held.delete(String(release['holder']));
  }
  return [...held.values()];
}
