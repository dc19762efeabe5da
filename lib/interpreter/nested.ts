/** Executions that start executions. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
import type { ChildExecution } from '../asl/events.ts';
import type { StateMachine } from '../asl/states.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { type ExecuteOptions, type ExecutionResult, execute } from './execute.ts';
import { textOf } from './json-text.ts';
import { type ResourceCall, type ResourceHandler, TaskError } from './resource.ts';

const START_EXECUTION = 'arn:aws:states:::states:startExecution';

/** What nested executions run with; `resources` is the handler that is asked for everything else. */
type NestedOptions = Omit<
  ExecuteOptions,
  'execution' | 'stateMachine' | 'signal' | 'onEvent' | 'keepEvents'
> & {
  /** The machine of an ARN. */
  readonly machine: (stateMachineArn: string) => StateMachine | undefined;
  /** Answers for machines that are not known here. @default they do not exist */
  readonly foreign?: ResourceHandler;
  /** A nested execution has ended. */
  readonly onEnd?: (result: ExecutionResult) => void;
};

/**
 * Adds `states:startExecution` to a handler: alone it starts and goes on, with `.sync` it waits for the
 * execution's end and gives its output.
 */
export function withNestedExecutions(options: NestedOptions): ResourceHandler {
  let count = 0;
  const handler: ResourceHandler = (call) => {
    if (call.resource !== START_EXECUTION) return options.resources(call);
    const request = read(call, `${call.stateName}-${count + 1}`);
    const machine = options.machine(request.arn);
    if (machine === undefined && options.foreign !== undefined) return options.foreign(call);
    count += 1;
    if (machine === undefined) {
      throw new TaskError(
        'StepFunctions.StateMachineDoesNotExistException',
        `State Machine Does Not Exist: '${request.arn}'`,
      );
    }
    return started(options, { call, request, machine, handler });
  };
  return handler;
}

interface Starting {
  readonly call: ResourceCall;
  readonly request: StartRequest;
  readonly machine: StateMachine;
  readonly handler: ResourceHandler;
}

function started(
  options: NestedOptions,
  { call, request, machine, handler }: Starting,
): ReturnType<ResourceHandler> {
  const startedMs = options.clock.now();
  const child = childOf(call, request.executionArn);
  const { onChildEvent } = options;
  const running = execute(machine, request.input, {
    ...options,
    ...(onChildEvent === undefined ? {} : { onEvent: (event) => onChildEvent(event, child) }),
    keepEvents: false,
    resources: handler,
    execution: { id: request.executionArn, name: request.name },
    stateMachine: { id: request.arn, name: request.arn.split(':').at(-1) ?? request.arn },
    ...(call.pattern === 'sync' ? { signal: call.signal } : {}),
  });
  if (call.pattern !== 'sync') {
    // Nobody waits for it: how it ends is in its own history.
    running.catch(() => undefined);
    return { ExecutionArn: request.executionArn, StartDate: startedMs };
  }
  return running.then((result) => {
    options.onEnd?.(result);
    return described(request, result, { startedMs, stoppedMs: options.clock.now() });
  });
}

function childOf({ context, eventId }: ResourceCall, id: string): ChildExecution {
  const { Id } = Object(context['Execution']);
  return { id, parent: { execution: String(Id), eventId } };
}

interface StartRequest {
  readonly arn: string;
  readonly name: string;
  readonly executionArn: string;
  readonly input: Json;
}

function read(call: ResourceCall, otherwise: string): StartRequest {
  const sent: JsonObject = isObject(call.arguments) ? call.arguments : {};
  const arn = String(sent['StateMachineArn'] ?? '');
  const name = String(sent['Name'] ?? otherwise);
  const given = sent['Input'] ?? {};
  const executionArn = `${arn.replace(':stateMachine:', ':execution:')}:${name}`;
  return { arn, name, executionArn, input: typeof given === 'string' ? JSON.parse(given) : given };
}

/** DescribeExecution's answer; a failed execution fails the task with it. */
function described(
  request: StartRequest,
  result: ExecutionResult,
  at: { readonly startedMs: number; readonly stoppedMs: number },
): Json {
  const common = {
    ExecutionArn: request.executionArn,
    Input: request.input,
    Name: request.name,
    StartDate: at.startedMs,
    StateMachineArn: request.arn,
    Status: result.status,
    StopDate: at.stoppedMs,
  };
  if (result.status === 'SUCCEEDED') return { ...common, Output: result.output ?? null };
  const error = { Error: result.error ?? '', Cause: result.cause ?? '' };
  throw new TaskError('States.TaskFailed', textOf({ ...common, ...error }));
}
