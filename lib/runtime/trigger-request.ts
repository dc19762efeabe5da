/** `dag.trigger`: what is asked of whoever starts runs. */
import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../base/json.ts';
import type { AwaitingTask } from '../model/run.ts';

/** Asked twice with one id, there is one run. */
export interface TriggerRequest {
  readonly dagId: string;
  readonly logicalDate?: string;
  readonly params?: JsonObject;
  readonly triggeredBy: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** The task waits for the run's end. */
  readonly awaitedBy?: Omit<AwaitingTask, 'dagId'>;
}

/** Whose task it is. */
export interface Triggering {
  readonly dagId: string;
  readonly runId: string;
  readonly attempt: string;
  readonly task: string;
  /** Counters of the modules around the task, as in a map of a map, a loop, a try of a group. */
  readonly instance?: string | undefined;
}

/** The same for each try of a task's instance: what one has started, the next one finds. */
export function triggerRequest(
  { dagId, logicalDate, params, wait }: JsonObject,
  by: Triggering,
): TriggerRequest {
  const { runId, attempt, task } = by;
  return {
    dagId: String(dagId),
    ...(typeof logicalDate === 'string' ? { logicalDate } : {}),
    ...(isObject(params) ? { params } : {}),
    triggeredBy: by.dagId,
    id: idOf([by.dagId, runId, attempt, task, by.instance ?? '']),
    ...(wait === true ? { awaitedBy: { runId, attempt: Number(attempt), task } } : {}),
  };
}

function idOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
