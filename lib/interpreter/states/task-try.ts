import type { Json, JsonObject } from '../../base/json.ts';
import { isObject } from '../../base/json.ts';
import { Aborted, Failure, taskFailure } from '../failure.ts';
import { errorDetails } from '../history.ts';
import { adopt, NotJson, textOf } from '../json-text.ts';
import type { ResourceCall } from '../resource.ts';
import type { Visit } from '../visit.ts';
import type { ResourceName } from './resource-name.ts';

/** What one try asks for. */
export interface Request {
  readonly arguments: Json;
  readonly credentials: Json | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

/** How a pending try ends. */
interface Ending {
  readonly resolve: (result: Json) => void;
  readonly reject: (failure: unknown) => void;
}

/** Why a deadline is waited for no more: nobody looks at it, and an error of its own for each try costs its stack. */
const OVER = new Aborted();

/** One try of a Task: its call, its deadlines, its token and its events. */
export class TaskTry {
  readonly #visit: Visit;
  readonly #name: ResourceName;
  #timers: AbortController | undefined;
  #controller: AbortController | undefined;
  #ending: Ending | undefined;
  /** An answer to the token that came before the call was over. */
  #answer: (() => void) | undefined;
  #isSubmitted: boolean = false;
  #heartbeat: AbortController | undefined;
  #heartbeatSeconds: number | undefined;

  constructor(visit: Visit, name: ResourceName) {
    this.#visit = visit;
    this.#name = name;
    if (name.pattern !== 'waitForTaskToken') return;
    const { execution } = visit.frame;
    visit.token = execution.world.tokens.open(execution.id, {
      success: (output) => this.#answered(() => this.#succeed(output)),
      failure: (error, cause) => this.#answered(() => this.#fail(new Failure(error, { text: cause }))),
      heartbeat: () => this.#beat(),
    });
  }

  /** Makes the try; gives the task's result. */
  async run(request: Request): Promise<Json> {
    this.#emit('Scheduled', this.#scheduled(request));
    this.#emit('Started', {});
    try {
      const result = await this.#call(request);
      const { events, details: named, resource } = this.#name;
      this.#visit.checkSize(result, events === 'Task' ? named.resourceType : resource);
      this.#emit('Succeeded', { output: textOf(result) });
      return result;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      const details = errorDetails(thrown.error, thrown.causeText);
      this.#emit(thrown.error === 'States.Timeout' ? 'TimedOut' : 'Failed', details, thrown.atMs);
      throw thrown;
    }
  }

  /** Forgets the token and the deadlines. */
  close(): void {
    const { token, frame } = this.#visit;
    if (token !== undefined) frame.execution.world.tokens.close(token);
    this.#visit.token = undefined;
    this.#ending = undefined;
  }

  #call(request: Request): Json | Promise<Json> {
    const { pattern } = this.#name;
    const answer = this.#ask(request);
    if (pattern === 'request' && !(answer instanceof Promise)) return asResult(answer);
    if (pattern === 'sync' && !(answer instanceof Promise)) {
      this.#submitted(undefined);
      return asResult(answer);
    }
    return new Promise<Json>((resolve, reject) => {
      this.#ending = { resolve, reject };
      this.#visit.frame.cancel = () => this.#end(new Aborted(), (ending) => ending.reject(new Aborted()));
      this.#startDeadlines(request);
      if (pattern === 'sync') this.#submitted(undefined);
      if (!(answer instanceof Promise)) this.#returned(answer);
      else
        answer.then(
          (value) => this.#returned(value),
          (thrown) => this.#fail(taskFailure(thrown)),
        );
    });
  }

  #ask(request: Request): unknown {
    const { frame, name: stateName } = this.#visit;
    const taskTry = this;
    let sent: Json | undefined;
    const call: ResourceCall = {
      resource: this.#name.resource,
      pattern: this.#name.pattern,
      syncVersion: this.#name.syncVersion,
      /** A copy: what a handler does to it stays with it. */
      get arguments() {
        sent ??= adopt(request.arguments);
        return sent;
      },
      stateName,
      eventId: frame.cursor,
      context: this.#visit.context(),
      get signal() {
        return taskTry.#signal();
      },
    };
    try {
      const answer = frame.execution.world.resources(call);
      return isThenable(answer) && !(answer instanceof Promise) ? Promise.resolve(answer) : answer;
    } catch (thrown) {
      throw taskFailure(thrown);
    }
  }

  /** Made when it is asked for: most handlers that answer at once do not. */
  #signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** The call is over: it was the work, or it handed the token on. */
  #returned(answer: unknown): void {
    if (this.#ending === undefined) return;
    if (this.#name.pattern !== 'waitForTaskToken') {
      this.#settle(() => asResult(answer));
      return;
    }
    try {
      this.#submitted(asResult(answer));
    } catch (thrown) {
      this.#end(undefined, (ending) => ending.reject(thrown));
      return;
    }
    this.#isSubmitted = true;
    this.#answer?.();
  }

  #submitted(output: Json | undefined): void {
    this.#emit('Submitted', output === undefined ? {} : { output: textOf(output) });
  }

  #answered(act: () => void): void {
    const { token, frame } = this.#visit;
    if (token !== undefined) frame.execution.world.tokens.close(token);
    if (this.#isSubmitted) act();
    else this.#answer ??= act;
  }

  #succeed(output: Json): void {
    this.#settle(() => asResult(output));
  }

  #settle(result: () => Json): void {
    try {
      const value = result();
      this.#end(undefined, (ending) => ending.resolve(value));
    } catch (failure) {
      this.#end(undefined, (ending) => ending.reject(failure));
    }
  }

  #fail(failure: Failure): void {
    this.#end(undefined, (ending) => ending.reject(failure));
  }

  /** Ends what is pending, once. */
  #end(abort: Error | undefined, settle: (ending: Ending) => void): void {
    const ending = this.#ending;
    if (ending === undefined) return;
    this.#ending = undefined;
    this.#visit.frame.cancel = undefined;
    this.#timers?.abort(OVER);
    this.#heartbeat?.abort(OVER);
    if (abort !== undefined) this.#controller?.abort(abort);
    settle(ending);
  }

  #startDeadlines(request: Request): void {
    if (request.timeoutSeconds !== undefined) {
      const atMs = this.#now() + request.timeoutSeconds * 1_000;
      this.#timers = new AbortController();
      this.#at(atMs, this.#timers.signal, () => this.#timeOut([]));
    }
    this.#heartbeatSeconds = request.heartbeatSeconds;
    this.#beat();
  }

  #beat(): void {
    if (this.#heartbeatSeconds === undefined || this.#ending === undefined) return;
    this.#heartbeat?.abort(OVER);
    this.#heartbeat = new AbortController();
    const atMs = this.#now() + this.#heartbeatSeconds * 1_000;
    // AWS reports a missed heartbeat as States.Timeout, and lets Retry and Catch name it apart.
    this.#at(atMs, this.#heartbeat.signal, () => this.#timeOut(['States.HeartbeatTimeout']));
  }

  #timeOut(aliases: readonly string[]): void {
    const failure = new Failure('States.Timeout', { aliases });
    this.#end(failure, (ending) => ending.reject(failure));
  }

  #at(instantMs: number, signal: AbortSignal, act: () => void): void {
    const ignore = (): void => undefined;
    this.#visit.frame.execution.clock.until(instantMs, signal).then(act, ignore);
  }

  #now(): number {
    return this.#visit.frame.execution.clock.now();
  }

  #scheduled(request: Request): JsonObject {
    const details: Record<string, Json> = {};
    const text = textOf(request.arguments);
    if (this.#name.events === 'Task') details['parameters'] = text;
    else {
      details['input'] = text;
      details['resource'] = this.#name.resource;
    }
    if (request.timeoutSeconds !== undefined) details['timeoutInSeconds'] = request.timeoutSeconds;
    if (request.heartbeatSeconds !== undefined) details['heartbeatInSeconds'] = request.heartbeatSeconds;
    if (isObject(request.credentials))
      details['taskCredentials'] = { roleArn: request.credentials['RoleArn'] ?? null };
    return details;
  }

  #emit(
    moment: 'Scheduled' | 'Started' | 'Submitted' | 'Succeeded' | 'Failed' | 'TimedOut',
    details: JsonObject,
    atMs?: number,
  ): void {
    const { frame } = this.#visit;
    const { events } = this.#name;
    if (events === 'Task') frame.emit(`Task${moment}`, { ...this.#name.details, ...details }, atMs);
    else if (moment !== 'Submitted') frame.emit(`${events}${moment}`, details, atMs);
  }
}

function asResult(answer: unknown): Json {
  try {
    return adopt(answer);
  } catch (cause) {
    if (!(cause instanceof NotJson)) throw cause;
    const text = `The task's result cannot be written as JSON: ${cause.message}`;
    throw new Failure('States.Runtime', { text, cause });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
