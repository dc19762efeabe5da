import type { JsonObject } from '../base/json.ts';
import { DAG_TRIGGER } from '../model/awaited-dags.ts';
import type { DagNode } from '../model/dag.ts';
import type { Value } from '../model/ref.ts';
import type { Call, Engine } from './engine.ts';

export interface TriggerOptions {
  /** Params of its run, over the defaults. @default {} */
  readonly params?: Readonly<Record<string, Value<unknown>>>;
  /** A day or an instant: the run is of the interval that holds it. @default the newest complete interval */
  readonly logicalDate?: Value<string>;
  /**
   * Waits for the end of that run; where it did not succeed, the task fails as `Dag.TriggeredRunFailed`. Where the task's
   * own run ends first (somebody cancels it, or its time is over), the run it waits for is cancelled; what a person has
   * cleared since goes on. @default false
   */
  readonly wait?: boolean;
}

export interface TriggeredRun {
  readonly dagId: string;
  readonly runId: string;
  readonly logicalDate: string;
  /** As it was when the task ended. */
  readonly state: 'queued' | 'running' | 'success' | 'failed' | 'cancelled';
}

/** Starts other DAGs. */
export const trigger = {
  /**
   * Starts a run of another DAG. Tried again, the task finds the run that it started before; running the task again in
   * another attempt of its own run starts a new one.
   *
   * @example task('publish', trigger.dag(publishing, { params: { day: run.interval.date }, wait: true }))
   */
  dag: (other: DagNode, { wait = false, ...options }: TriggerOptions = {}): Call<TriggeredRun> => ({
    engine: dagTrigger.name,
    args: { dagId: other.id, wait, ...options } as JsonObject,
  }),
};

export const dagTrigger: Engine = {
  name: DAG_TRIGGER,
  // A day: long enough for what is waited for, and no run waits for ever.
  timeoutSeconds: 86_400,
  local: 'built-in',
  check: ({ dagId, wait }) => [
    ...(typeof dagId === 'string' && dagId !== ''
      ? []
      : [{ path: 'dag', message: 'must be a DAG, got none', remedy: 'write trigger.dag(other)' }]),
    ...(typeof wait === 'boolean'
      ? []
      : [
          {
            path: 'wait',
            message: `must be true or false, got ${JSON.stringify(wait)}`,
            remedy: 'leave it out',
          },
        ]),
  ],
};
