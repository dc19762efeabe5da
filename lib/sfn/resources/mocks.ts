/** Mocked answers, in the format of Step Functions Local. @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html */
import { RefusedError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { type ResourceCall, type ResourceHandler, TaskError } from '../../interpreter/resource.ts';
import type { TaskTokens } from '../../interpreter/tokens.ts';
import { validation } from '../errors.ts';
import type { ExecutionRecord } from '../execution.ts';
import { impossible } from './service.ts';

/** What a try answers. */
type Response =
  | { readonly kind: 'return'; readonly value: Json }
  | { readonly kind: 'throw'; readonly error: string; readonly cause: string };

/** Responses of one state, for tries from `first` to `last`, counted from 0. */
type Script = readonly { readonly first: number; readonly last: number; readonly response: Response }[];

/** State machine → test case → state → script. */
export interface Mocks {
  readonly machines: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Script>>>;
}

/**
 * Reads a MockConfigFile. `file` is its name, for messages.
 *
 * @throws {RefusedError} `invalid-mocks` with the place
 */
export function parseMocks(source: string, file: string): Mocks {
  const refuse = (place: string, rule: string): never => {
    throw new RefusedError('invalid-mocks', `${file} › ${place}: ${rule}`);
  };
  const object = (value: Json | undefined, place: string): readonly [string, Json | undefined][] =>
    isObject(value)
      ? Object.entries(value)
      : refuse(place, `must be an object, got ${JSON.stringify(value)}`);
  let root: Json = null;
  try {
    root = JSON.parse(source) as Json;
  } catch (cause) {
    refuse('JSON', cause instanceof Error ? cause.message : String(cause));
  }
  const { StateMachines = {}, MockedResponses = {} } = isObject(root) ? root : {};
  if (!isObject(root)) refuse('JSON', 'must be an object with StateMachines and MockedResponses');
  const scripts = new Map(
    object(MockedResponses, 'MockedResponses').map(([name, tries]) => {
      const place = `MockedResponses › ${name}`;
      return [
        name,
        object(tries, place).map(([at, response]) => entry(at, response, place, refuse)),
      ] as const;
    }),
  );
  const machines = object(StateMachines, 'StateMachines').map(([machine, config]) => {
    const { TestCases = {} } = isObject(config) ? config : {};
    const cases = object(TestCases, `StateMachines › ${machine} › TestCases`).map(([name, states]) => {
      const place = `StateMachines › ${machine} › TestCases › ${name}`;
      const byState = object(states, place).map(([state, response]) => {
        const script = scripts.get(String(response));
        return [
          state,
          script ?? refuse(`${place} › ${state}`, `no MockedResponses are named ${JSON.stringify(response)}`),
        ] as const;
      });
      return [name, new Map(byState)] as const;
    });
    return [machine, new Map(cases)] as const;
  });
  return { machines: new Map(machines) };
}

type Refuse = (place: string, rule: string) => never;

function entry(at: string, response: Json | undefined, place: string, refuse: Refuse): Script[number] {
  const [match, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(at) ?? [];
  if (match === undefined || Number(last) < Number(first))
    refuse(`${place} › "${at}"`, 'must be the number of a try from 0, or a range such as "1-3"');
  return {
    first: Number(first),
    last: Number(last),
    response: responseOf(response, `${place} › "${at}"`, refuse),
  };
}

function responseOf(response: Json | undefined, place: string, refuse: Refuse): Response {
  const given: JsonObject = isObject(response) ? response : {};
  const { Return, Throw } = given;
  if ((Return === undefined) === (Throw === undefined)) refuse(place, 'must have either Return or Throw');
  if (Return !== undefined) return { kind: 'return', value: Return };
  const { Error: error, Cause: cause = '' } = isObject(Throw) ? Throw : {};
  if (typeof error !== 'string' || typeof cause !== 'string')
    return refuse(`${place} › Throw`, 'must have a text Error, and may have a text Cause');
  return { kind: 'throw', error, cause };
}

/** @throws {SfnError} `ValidationException` for a test case that a machine does not have */
export function checkTestCase(mocks: Mocks | undefined, machine: string, testCase: string | undefined): void {
  if (testCase === undefined) return;
  const cases = [...(mocks?.machines.get(machine)?.keys() ?? [])];
  if (cases.includes(testCase)) return;
  const known = cases.length === 0 ? 'none; give --mocks with one' : cases.join(', ');
  throw validation(
    `The mocks of state machine "${machine}" have no test case "${testCase}"; it has ${known}`,
  );
}

/** Answers the states that the execution's test case mocks; the others go on to `answer`. */
export function mocked(
  mocks: Mocks | undefined,
  record: ExecutionRecord,
  { answer, tokens }: { readonly answer: ResourceHandler; readonly tokens: TaskTokens },
): ResourceHandler {
  const cases = mocks?.machines.get(record.machine.name);
  const scripts = record.testCase === undefined ? undefined : cases?.get(record.testCase);
  if (scripts === undefined) return answer;
  const tries = new Map<string, number>();
  return (call) => {
    const script = scripts.get(call.stateName);
    if (script === undefined) return answer(call);
    const index = tries.get(call.stateName) ?? 0;
    tries.set(call.stateName, index + 1);
    const found = script.find(({ first, last }) => first <= index && index <= last);
    if (found === undefined)
      throw impossible(
        `The test case '${record.testCase}' has no response for try ${index} of the state '${call.stateName}'`,
      );
    return respond(found.response, call, tokens);
  };
}

/** Whoever waits for a token is told by it. */
function respond(response: Response, call: ResourceCall, tokens: TaskTokens): Json {
  if (call.pattern !== 'waitForTaskToken') {
    if (response.kind === 'return') return response.value;
    throw new TaskError(response.error, response.cause);
  }
  const { Task } = call.context;
  const token = isObject(Task) ? String(Task['Token']) : '';
  if (response.kind === 'return') tokens.success(token, response.value);
  else tokens.failure(token, response.error, response.cause);
  return {};
}
