/** Sensors: what a look means, and which try of the author's a look belongs to. */
import type { Json } from '../base/json.ts';
import { TaskError } from '../base/task-error.ts';
import { NOT_READY, SENSOR_TIMEOUT, sensorNamed } from '../engines/sensor.ts';
import type { TaskEvent } from '../model/run-input.ts';
import type { CallNode } from '../model/task.ts';
import { taskErrorOf } from './task-error-of.ts';

export type SensorNode = Extract<CallNode, { readonly kind: 'sensor' }>;

/**
 * Clocks of Step Functions and of the function may differ by less than this, milliseconds: the last look must not
 * come too early. Waits are whole seconds, so no other look comes so close to the end.
 */
const CLOCK_SKEW_MS = 500;

/**
 * What the look saw, where that is what the sensor waits for.
 *
 * @throws {TaskError} as {@link notThere} says, where it is not there; the look's own error where it failed
 */
export async function seenBy(
  { sensor, args }: SensorNode,
  event: TaskEvent,
  { look, nowMs }: { readonly look: () => Promise<Json>; readonly nowMs: () => number },
): Promise<Json> {
  const how = sensorNamed(sensor);
  const asked = event.args ?? args;
  const seen = await look().catch((thrown: unknown) => {
    if (how?.isNotYet?.(taskErrorOf(thrown).error, asked) !== true) throw thrown;
    return NOTHING;
  });
  if (seen !== NOTHING && how?.isThere(seen, asked) !== false) return seen;
  throw notThere(event, nowMs());
}

const NOTHING: Json = Object.freeze({});

/** Where nothing is there: look again (`Sensor.NotReady`), or the time is over: `SkipTask` or `Dag.SensorTimeout`. */
export function notThere({ task, since, poke }: TaskEvent, nowMs: number): TaskError {
  const sinceMs = since === undefined ? nowMs : Date.parse(since);
  const waitedMs = nowMs - sinceMs;
  if (poke === undefined || waitedMs + CLOCK_SKEW_MS < poke.timeout * 1000)
    return new TaskError(NOT_READY, `task "${task}": not there yet`);
  const text = `task "${task}" › timeout: must be there within ${poke.timeout} s, got nothing after ${Math.round(waitedMs / 1000)} s`;
  return new TaskError(poke.softFail ? 'SkipTask' : SENSOR_TIMEOUT, text);
}

/** Numbers the author's tries of sensors: Step Functions counts every look as one. */
export class LookCounter {
  readonly #failed = new Map<string, number>();

  /** The event of a sensor with the author's try, from 1; any other as it is. */
  begin(event: TaskEvent): TaskEvent {
    if (event.poke === undefined) return event;
    const key = keyOf(event);
    if (event.try === 1) this.#failed.delete(key);
    return { ...event, try: 1 + (this.#failed.get(key) ?? 0) };
  }

  /** A look ended with an error: another try follows, if any does, unless nothing was there. */
  end(event: TaskEvent, error: string): void {
    if (error === NOT_READY || event.poke === undefined) return;
    const key = keyOf(event);
    this.#failed.set(key, 1 + (this.#failed.get(key) ?? 0));
  }
}

function keyOf({ task, instance = '' }: TaskEvent): string {
  return `${task}#${instance}`;
}
