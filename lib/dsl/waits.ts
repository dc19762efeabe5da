/** Types of what a task can wait for. */
import type { Duration } from '../base/duration.ts';
import type { CallNode } from '../model/task.ts';
import type { CallSite } from './declaration.ts';

/** A task that waits, before it has an id: what `sensor.…` and `approve` make. */
export interface Wait<Output> {
  readonly kind: 'wait';
  /** Its call as plain data; `timeout` is the task's option. */
  readonly node: (site: CallSite, timeout?: Duration) => CallNode;
  /** How long an answer is waited for, where the call says it. */
  readonly timeout?: Duration;
  /** Phantom: carries `Output` for inference. */
  readonly __output?: readonly [Output];
}

/** True for what `sensor.…` and `approve` make. */
export function isWait(call: unknown): call is Wait<unknown> {
  return (
    typeof call === 'object' && call !== null && 'kind' in call && call.kind === 'wait' && 'node' in call
  );
}
