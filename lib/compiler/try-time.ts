/** How long one try of a task may take, and a wait in all. */
import { toSeconds } from '../base/duration.ts';
import { engineNamed } from '../engines/all.ts';
import { sensorNamed } from '../engines/sensor.ts';
import { DEFAULT_RUN_TIMEOUT_SECONDS } from '../model/dag.ts';
import { FUNCTION_TIMEOUT_SECONDS, type TaskNode } from '../model/task.ts';

/** How long a run of another DAG is waited for in all. */
export function longestWait(task: TaskNode): number {
  return task.call.kind === 'sensor' ? (toSeconds(task.call.poke.timeout) ?? 0) : timeoutOf(task);
}

/** Of one try; of an approval in all, of a sensor one look: its `timeout` is in the call, the handler ends it. */
export function timeoutOf({ call, timeout }: TaskNode): number {
  if (call.kind === 'sensor') return sensorNamed(call.sensor)?.lookSeconds ?? FUNCTION_TIMEOUT_SECONDS;
  const given = toSeconds(timeout);
  if (given !== undefined) return given;
  if (call.kind === 'approve') return DEFAULT_RUN_TIMEOUT_SECONDS;
  const engine = call.kind === 'engine' ? engineNamed(call.engine) : undefined;
  return engine?.timeoutSeconds ?? FUNCTION_TIMEOUT_SECONDS;
}
