import { toSeconds } from '../base/duration.ts';
import { sensorNamed } from '../engines/sensor.ts';
import { FUNCTION_TIMEOUT_SECONDS, type TaskNode } from '../model/task.ts';

/**
 * Error of a try that its function gives up because Lambda would end it. Step Functions reports the task's own timeout, as
 * `States.Timeout`; a function cannot: names that begin with `States.` are Step Functions' own. It says this where Lambda's
 * time is over first, which is so for timeouts above about 890 s alone: a retry rule for both names both.
 */
export const TRY_TIMEOUT = 'Dag.Timeout';

/**
 * Seconds one call of the function may take that runs the task; of a sensor one look, of an approval the asking.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
 */
export function tryLimitSeconds({ call, timeout }: TaskNode): number {
  if (call.kind === 'sensor') return sensorNamed(call.sensor)?.lookSeconds ?? FUNCTION_TIMEOUT_SECONDS;
  return Math.min(toSeconds(timeout) ?? FUNCTION_TIMEOUT_SECONDS, FUNCTION_TIMEOUT_SECONDS);
}
