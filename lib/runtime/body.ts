/** Calls the function of a task. */
import type { JsonObject } from '../base/json.ts';
import { TaskError } from '../base/task-error.ts';
import { bodyOf } from '../model/bodies.ts';
import type { FnContext } from '../model/context.ts';
import type { DagNode } from '../model/dag.ts';
import type { TaskNode } from '../model/task.ts';

export interface FnCall {
  readonly dag: DagNode;
  readonly task: TaskNode;
  /** Its inputs, resolved. */
  readonly args: JsonObject;
  readonly context: FnContext;
}

/** What the function of a task returns, or a promise of it. @throws {TaskError} `Dag.NoBody` */
export function callBody({ dag, task, args, context }: FnCall): unknown {
  const body = bodyOf(dag, task.id);
  if (body === undefined)
    throw new TaskError('Dag.NoBody', `task "${task.id}": has no function; build it with fn(…)`);
  return hasInputs(task) ? body(args, context) : body(context);
}

/** A function without declared inputs gets its context alone. */
function hasInputs({ call }: TaskNode): boolean {
  const inputs = call.kind === 'sensor' ? call.args : 'inputs' in call ? call.inputs : null;
  return inputs !== null && inputs !== undefined;
}
