/** The state of a task that a function or an engine does: everything but where it leads. */
import { expr, literal, member } from '../asl/jsonata.ts';
import type { TaskState } from '../asl/states.ts';
import { toSeconds } from '../base/duration.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { CallNode, TaskNode } from '../model/task.ts';
import { answeredBy, isRunWait, syncJobOf } from './answers.ts';
import { type Resolve, valueField } from './expression.ts';
import { functionKey, MAIN_FUNCTION } from './functions.ts';
import { renewedTimeout } from './renewals.ts';
import { retriersOf } from './retry.ts';
import { syncOut } from './sync-out.ts';
import { longestWait, timeoutOf } from './try-time.ts';

/** What the task's function answered, inside the state. */
export const REPLY = '$states.result.Payload';

export interface TaskCall {
  readonly task: TaskNode;
  readonly resolve: Resolve;
  /** Which run of the task it is, in modules: JSONata texts by field of the event. */
  readonly instance: Readonly<Record<string, string>>;
  readonly want: readonly string[];
  /** Those of them that the machine itself evaluates: they must be small. */
  readonly inline: readonly string[];
  readonly recorded: boolean;
}

const INVOKE = 'arn:aws:states:::lambda:invoke';

export function taskState({ task, resolve, instance, want, inline, recorded }: TaskCall): TaskState {
  const Payload: JsonObject = {
    task: task.id,
    execution: expr('$states.context.Execution.Input'),
    try: expr('$states.context.State.RetryCount + 1'),
    ...Object.fromEntries(Object.entries(instance).map(([field, text]) => [field, expr(text)])),
    ...engineFields(task.call),
    ...waitingFields(task.call),
    ...argsField(task.call, resolve),
    ...(want.length > 0 ? { want } : {}),
    ...(inline.length > 0 ? { inline } : {}),
    ...(recorded ? { record: true } : {}),
  };
  return {
    Type: 'Task',
    Resource: answeredBy(task.call) === 'token' ? `${INVOKE}.waitForTaskToken` : INVOKE,
    Arguments: { FunctionName: expr(functionText(task.call)), Payload },
    TimeoutSeconds: isRunWait(task.call) ? renewedTimeout(longestWait(task)) : timeoutOf(task),
    Retry: retriersOf(task),
  };
}

const FNS = '$states.context.Execution.Input.run.fns';

/** Where there is one function for all, as here, it is that. */
function functionText(call: CallNode): string {
  const key = functionKey(call);
  const main = `${FNS}.${MAIN_FUNCTION}`;
  return key === MAIN_FUNCTION ? main : `($exists(${FNS}.${key}) ? ${FNS}.${key} : ${main})`;
}

function engineFields(call: CallNode): JsonObject {
  if (call.kind !== 'engine' && call.kind !== 'sensor') return {};
  const engine = call.kind === 'engine' ? call.engine : call.sensor;
  if (engine === 'fn') return {};
  return { engine, ...(call.connection === undefined ? {} : { connection: call.connection }) };
}

/** What a sensor counts its time by, and what an approval is answered by. */
function waitingFields(call: CallNode): JsonObject {
  const token = answeredBy(call) === 'token' ? { token: expr('$states.context.Task.Token') } : {};
  if (call.kind !== 'sensor') return token;
  const { timeout, softFail } = call.poke;
  return {
    ...token,
    since: expr('$states.context.State.EnteredTime'),
    poke: { timeout: toSeconds(timeout) ?? 0, softFail },
  };
}

function argsField(call: CallNode, resolve: Resolve): JsonObject {
  const args = argumentsOf(call);
  if (args === null || (typeof args === 'object' && Object.keys(args).length === 0)) return {};
  return { args: valueField(args, resolve) };
}

function argumentsOf(call: CallNode): Json {
  if (call.kind === 'engine' || call.kind === 'sensor') return call.args;
  if (call.kind === 'approve')
    return { message: call.message, choices: call.choices, rejects: call.rejects } as JsonObject;
  return 'inputs' in call ? call.inputs : null;
}

/** JSONata text of the fields that later states read, by name, from what the task answered. */
export function outText(call: CallNode, want: readonly string[]): string {
  const job = syncJobOf(call);
  if (job !== undefined) return syncOut(job, want);
  if (answeredBy(call) === 'function') return `${REPLY}.out`;
  // Whoever answers sends the answer alone.
  const fields = want.map((name) => {
    const value = name === '' ? ANSWER : name.split('.').reduce(member, ANSWER);
    return `${literal(name)}: ${value}`;
  });
  return `{${fields.join(', ')}}`;
}

const ANSWER = '$states.result';

/** Marks of a brancher, from the labels its function gave: `|big|small|`. */
export function labelsMark(): string {
  return `"|" & $join($map(${REPLY}.labels, function($l) { $l & ${literal('|')} }))`;
}
