import { toSeconds } from '../base/duration.ts';
import { sensorNamed } from '../engines/sensor.ts';
import { FUNCTION_TIMEOUT_SECONDS, type TaskNode } from '../model/task.ts';

/**
 * Seconds one call of the function may take that runs the task; of a sensor one look, of an approval the asking.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
 */
export function tryLimitSeconds({ call, timeout }: TaskNode): number {
  if (call.kind === 'sensor') return sensorNamed(call.sensor)?.lookSeconds ?? FUNCTION_TIMEOUT_SECONDS;
  return Math.min(toSeconds(timeout) ?? FUNCTION_TIMEOUT_SECONDS, FUNCTION_TIMEOUT_SECONDS);
}
