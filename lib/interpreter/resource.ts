/** What a Task state asks of the world, and how the world answers. */
import type { Json, JsonObject } from '../base/json.ts';

export { TaskError } from '../base/task-error.ts';

/** One try of one Task state. */
export interface ResourceCall {
  /** The state's `Resource`, e.g. `arn:aws:states:::lambda:invoke`, without `.sync` or `.waitForTaskToken`. */
  readonly resource: string;
  readonly pattern: 'request' | 'sync' | 'waitForTaskToken';
  /** 2 for `.sync:2`, which gives JSON where `.sync` gives JSON text. */
  readonly syncVersion?: 2 | undefined;
  /** A copy: what is done to it stays here. */
  readonly arguments: Json;
  readonly stateName: string;
  /** Event of the try in its execution's history: `TaskStarted`. */
  readonly eventId: number;
  /** The context object as the state saw it. */
  readonly context: JsonObject;
  /** Aborted on timeout, on StopExecution and when a sibling branch failed. */
  readonly signal: AbortSignal;
}

/**
 * Does the work of a Task state. Answers with the result (a value or a promise of one), or throws a
 * {@link TaskError}; any other error becomes `{ name, message }` of what was thrown. With
 * `waitForTaskToken` the result is ignored and the state ends when its token is answered; the token is
 * `context.Task.Token`.
 *
 * A Map asks the same handler for what its ItemReader names (`arn:aws:states:::s3:getObject`, answered with
 * the text or `{ Body: text }`; `…:s3:listObjectsV2` with `{ Contents: […] }`) and for its ResultWriter's
 * `arn:aws:states:::s3:putObject`.
 */
export type ResourceHandler = (call: ResourceCall) => Json | undefined | Promise<Json | undefined>;
