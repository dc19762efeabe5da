/** The context object of a state under test. @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
import { randomUUID } from 'node:crypto';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { executionArn, machineArn } from '../arn.ts';
import { type SfnError, validation } from '../errors.ts';
import { optionalText, parsed } from '../request.ts';
import type { World } from '../world.ts';
import { type StateUnderTest, waits } from './state.ts';

/** Members of a mocked context, with the kinds of theirs. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, 'string' | 'number' | 'any'>>>> = {
  Execution: {
    Id: 'string',
    Input: 'any',
    Name: 'string',
    RoleArn: 'string',
    StartTime: 'string',
    RedriveCount: 'number',
    RedriveTime: 'string',
  },
  State: { EnteredTime: 'string', Name: 'string', RetryCount: 'number' },
  StateMachine: { Id: 'string', Name: 'string' },
  Task: { Token: 'string' },
};

/** The context of an execution that nobody started. */
export function contextOf(world: World, input: Json, roleArn: string | undefined): JsonObject {
  const [machine, name] = [randomUUID(), randomUUID()];
  const arn = machineArn(world, machine);
  return {
    Execution: {
      Id: executionArn(arn, name, randomUUID()),
      Input: input,
      Name: name,
      RoleArn: roleArn ?? '',
      StartTime: new Date(world.clock.now()).toISOString(),
    },
    StateMachine: { Id: arn, Name: machine },
  };
}

/** The context a request brings, which the state then sees whole. @throws {SfnError} `ValidationException` */
export function fixedContext(
  request: JsonObject,
  { state }: StateUnderTest,
  isMocked: boolean,
): JsonObject | undefined {
  const source = optionalText(request, 'context', { max: 40_960 });
  if (source === undefined) return undefined;
  if (!isMocked) throw validation('Context object can only be specified when a mock is specified');
  const context = parsed(source, (why) => invalid(why));
  if (!isObject(context)) throw invalid('must be a JSON object');
  for (const [name, value] of Object.entries(context)) checkField(name, value ?? null);
  if (context['Task'] !== undefined && !waits(state))
    throw invalid(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    );
  return context;
}

function checkField(name: string, value: Json): void {
  if (name === 'Map') throw invalid("'Map' field is not supported when mocking a Context object");
  const members = FIELDS[name];
  if (members === undefined) throw invalid(`Field '${name}' is not allowed`);
  if (!isObject(value)) throw invalid(`${name} must be an object`);
  for (const [member, inner] of Object.entries(value)) {
    const kind = members[member];
    if (kind === undefined) throw invalid(`Field '${member}' is not allowed`);
    if (kind !== 'any' && typeof inner !== kind) throw invalid(`${name}.${member} must be a ${kind}`);
  }
}

function invalid(why: string): SfnError {
  return validation(`Invalid Context object provided: ${why}`);
}
