/** A mocked result or error. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_MockInput.html */
import type { MapState, ParallelState } from '../../asl/states.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { Failure } from '../../interpreter/failure.ts';
import { TaskError } from '../../interpreter/resource.ts';
import { SfnError, validation } from '../errors.ts';
import { optionalObject, optionalText, parsed, text, word } from '../request.ts';
import { type StateUnderTest, waits } from './state.ts';

export interface Mock {
  readonly outcome: Json | Failure;
  /** Gives the outcome to a Task. */
  readonly answer: () => Json;
  readonly refuseItems: (why: string) => SfnError;
}

/**
 * What takes the place of the state's work.
 *
 * @throws {SfnError} `ValidationException` for a mock that does not fit, `InvalidDefinition` for a state that needs one
 */
export function mockOf(request: JsonObject, { state }: StateUnderTest, reveals: boolean): Mock | undefined {
  const given = optionalObject(request, 'mock');
  const isContainer = state.Type === 'Map' || state.Type === 'Parallel';
  if (given === undefined) {
    if (isContainer) throw unsupported('Map or Parallel states');
    if (waits(state)) throw unsupported('.sync or .waitForTaskToken service integration patterns');
    return undefined;
  }
  if (reveals) throw validation('TestState does not support RevealSecrets when a mock is specified.');
  if (!isContainer && state.Type !== 'Task')
    throw validation(`State type '${state.Type}' is not supported when a mock is specified`);
  word(given, 'fieldValidationMode', ['STRICT', 'PRESENT', 'NONE']);
  const outcome = outcomeOf(given);
  if (isContainer && !(outcome instanceof Failure)) checkResult(state, outcome);
  return {
    outcome,
    answer() {
      if (outcome instanceof Failure) throw new TaskError(outcome.error ?? '', outcome.causeText ?? '');
      return outcome;
    },
    refuseItems: (why) => validation(`Invalid 'mapItemReaderData' provided: ${why}`),
  };
}

function outcomeOf(given: JsonObject): Json | Failure {
  const result = optionalText(given, 'result', { max: 262_144 });
  const error = optionalObject(given, 'errorOutput');
  if ((result === undefined) === (error === undefined))
    throw validation('A test mock should have only one of the following fields: [result, errorOutput].');
  if (result !== undefined) return parsed(result, () => validation('Mocked result must be valid JSON'));
  const cause = optionalText(error ?? {}, 'cause', { max: 32_768 });
  return new Failure(text(error ?? {}, 'error', { max: 256 }), { text: cause });
}

function checkResult(state: MapState | ParallelState, result: Json): void {
  if (state.Type === 'Map' && state.ResultWriter !== undefined) {
    if (!isObject(result)) throw validation('Mocked result must be a JSON object.');
    return;
  }
  if (!Array.isArray(result)) throw validation('Mocked result must be an array.');
  if (state.Type === 'Parallel' && result.length !== state.Branches.length)
    throw validation('Mocked result must contain the same number of items as number of Parallel branches.');
}

function unsupported(what: string): SfnError {
  return new SfnError(
    'InvalidDefinition',
    `TestState API does not support ${what}. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]`,
  );
}
