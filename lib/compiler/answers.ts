/** Who gives a task's state its result. */
import { engineNamed } from '../engines/all.ts';
import { RUN_SENSOR } from '../engines/run-wait.ts';
import type { SyncJob } from '../engines/sync.ts';
import { dagTrigger } from '../engines/trigger.ts';
import type { CallNode } from '../model/task.ts';

/**
 * The DAG's function by its reply; whoever has the task's token, by the output alone; or Step Functions, which runs the
 * engine itself.
 */
export type AnsweredBy = 'function' | 'token' | 'engine';

export function answeredBy(call: CallNode): AnsweredBy {
  if (call.kind === 'approve' || isRunWait(call)) return 'token';
  return syncJobOf(call) === undefined ? 'function' : 'engine';
}

/** True for what waits for a run of another DAG. */
export function isRunWait(call: CallNode): boolean {
  if (call.kind === 'sensor') return call.sensor === RUN_SENSOR;
  return call.kind === 'engine' && call.engine === dagTrigger.name && call.args['wait'] === true;
}

/** How the state of an engine works that Step Functions runs itself; `undefined` for every other call. */
export function syncJobOf(call: CallNode): SyncJob | undefined {
  return call.kind === 'engine' ? engineNamed(call.engine)?.sync : undefined;
}
