/** The work of a try: its function, its engine, or a sensor's look by either. */
import type { Json, JsonObject } from '../base/json.ts';
import { sensorNamed } from '../engines/sensor.ts';
import type { TaskEvent } from '../model/run-input.ts';
import type { TaskNode } from '../model/task.ts';
import { seenBy } from './look.ts';
import { outputOf } from './outputs.ts';

/** A call of an engine's verb. */
export type EngineNode = Omit<Extract<TaskNode['call'], { readonly kind: 'engine' }>, 'kind'>;

export interface Started {
  readonly task: TaskNode;
  readonly event: TaskEvent;
  /** The call's, resolved. */
  readonly args: JsonObject;
}

/** How work is done where the try runs. */
export interface Ways {
  readonly body: () => unknown;
  /** `want`: the fields of the output that somebody reads. */
  readonly engine: (call: EngineNode, want: readonly string[]) => Promise<Json>;
  readonly nowMs: () => number;
}

/** Starts the work; gives what it gives, a promise of it where it is one. */
export function startWork({ task, event, args }: Started, { body, engine, nowMs }: Ways): unknown {
  const { call } = task;
  const want = event.want ?? [];
  if (call.kind === 'engine') return engine({ ...call, args }, want);
  if (call.kind !== 'sensor') return body();
  const { sensor, connection } = call;
  const reads = [...want, ...(sensorNamed(sensor)?.reads ?? [])];
  const bySensor = () =>
    engine({ engine: sensor, args, ...(connection === undefined ? {} : { connection }) }, reads);
  // Whoever has the token answers: nothing is looked at here.
  if (event.token !== undefined) return bySensor();
  const look = async () => (sensor === 'fn' ? outputOf(task.id, await body()) : bySensor());
  return seenBy(call, { ...event, args }, { look, nowMs });
}

/** Ends when the work does, or as soon as the try is given up; what the work does later is nobody's business. */
export function untilAborted(work: PromiseLike<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A promise of any library: query builders are such. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
