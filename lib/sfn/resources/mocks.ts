/** Mocked answers of a test case. @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html */
import { isObject, type Json } from '../../base/json.ts';
import { type ResourceCall, type ResourceHandler, TaskError } from '../../interpreter/resource.ts';
import type { TaskTokens } from '../../interpreter/tokens.ts';
import { validation } from '../errors.ts';
import type { ExecutionRecord } from '../execution.ts';
import type { Mocks, Response } from './mock-config.ts';
import { impossible } from './service.ts';

/** @throws {SfnError} `ValidationException` for a test case that a machine does not have */
export function checkTestCase(mocks: Mocks | undefined, machine: string, testCase: string | undefined): void {
  if (testCase === undefined) return;
  const cases = [...(mocks?.get(machine)?.keys() ?? [])];
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
  const cases = mocks?.get(record.machine.name);
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
