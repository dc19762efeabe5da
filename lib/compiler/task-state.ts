/** The state of a task that a function or an engine does: everything but where it leads. */
import { expr, literal } from '../asl/jsonata.ts';
import type { TaskState } from '../asl/states.ts';
import { toSeconds } from '../base/duration.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { engineNamed } from '../engines/all.ts';
import { expressionsIn } from '../model/ref.ts';
import { type CallNode, FUNCTION_TIMEOUT_SECONDS, type TaskNode } from '../model/task.ts';
import { type Resolve, templateText } from './expression.ts';
import { retriersOf } from './retry.ts';

/** What the task's function answered, inside the state. */
export const REPLY = '$states.result.Payload';

export interface TaskCall {
  readonly task: TaskNode;
  readonly resolve: Resolve;
  readonly want: readonly string[];
  readonly recorded: boolean;
}

export function taskState({ task, resolve, want, recorded }: TaskCall): TaskState {
  const Payload: JsonObject = {
    task: task.id,
    execution: expr('$states.context.Execution.Input'),
    try: expr('$states.context.State.RetryCount + 1'),
    ...engineFields(task.call),
    ...argsField(task.call, resolve),
    ...(want.length > 0 ? { want } : {}),
    ...(recorded ? { record: true } : {}),
  };
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: expr('$states.context.Execution.Input.run.fns.main'), Payload },
    TimeoutSeconds: timeoutOf(task),
    Retry: retriersOf(task),
  };
}

function timeoutOf(task: TaskNode): number {
  const given = toSeconds(task.timeout);
  if (given !== undefined) return given;
  const engine = task.call.kind === 'engine' ? engineNamed(task.call.engine) : undefined;
  return engine?.timeoutSeconds ?? FUNCTION_TIMEOUT_SECONDS;
}

function engineFields(call: CallNode): JsonObject {
  if (call.kind !== 'engine') return {};
  return { engine: call.engine, ...(call.connection === undefined ? {} : { connection: call.connection }) };
}

function argsField(call: CallNode, resolve: Resolve): JsonObject {
  const args = argumentsOf(call);
  if (args === null || (typeof args === 'object' && Object.keys(args).length === 0)) return {};
  const evaluated = expressionsIn(args).length > 0 || hasBraces(args);
  return { args: evaluated ? expr(templateText(args, resolve)) : args };
}

function argumentsOf(call: CallNode): Json {
  if (call.kind === 'engine') return call.args;
  if (call.kind === 'sensor') return call.args;
  return 'inputs' in call ? call.inputs : null;
}

/** A literal that Step Functions would take for an expression must be written as one. */
function hasBraces(value: Json | undefined): boolean {
  if (typeof value === 'string') return value.startsWith('{%');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBraces);
}

/** Marks of a brancher, from the labels its function gave: `|big|small|`. */
export function labelsMark(): string {
  return `"|" & $join($map(${REPLY}.labels, function($l) { $l & ${literal('|')} }))`;
}
