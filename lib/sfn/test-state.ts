/** TestState. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html */
import type { State } from '../asl/states.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { ResourceHandler } from '../interpreter/resource.ts';
import { runSingle, type SingleOutcome } from '../interpreter/single.ts';
import { count, flag, optionalObject, optionalText, parsed, text, word } from './request.ts';
import { contextOf, fixedContext } from './test-state/context.ts';
import { type Mock, mockOf } from './test-state/mock.ts';
import { resourceOf, type StateUnderTest, stateUnderTest, waits } from './test-state/state.ts';
import { inputOf, variablesOf } from './test-state/texts.ts';
import type { World } from './world.ts';

const LEVELS = ['INFO', 'DEBUG', 'TRACE'] as const;

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html */
const TIMEOUT_MS = 300_000;

/** Runs one state of a definition, with `resources` behind its Task where it is not mocked. */
export async function testState(
  world: World,
  resources: ResourceHandler,
  request: JsonObject,
): Promise<JsonObject> {
  const level = word(request, 'inspectionLevel', LEVELS) ?? 'INFO';
  const name = optionalText(request, 'stateName', { min: 1, max: 80 });
  const tested = stateUnderTest(text(request, 'definition', { min: 1 }), name);
  const config = optionalObject(request, 'stateConfiguration') ?? {};
  const mock = mockOf(request, tested, flag(request, 'revealSecrets'));
  const input = inputOf(request);
  const variables = variablesOf(request);
  const fixed = fixedContext(request, tested, mock !== undefined);
  const inspected: Record<string, Json> = {};
  const outcome = await runSingle(mock === undefined ? tested.state : mocked(tested.state), {
    clock: world.clock,
    random: world.random,
    resources: mock === undefined ? resources : () => mock.answer(),
    name: tested.name,
    input,
    variables,
    context: contextOf(world, input, optionalText(request, 'roleArn', { min: 1, max: 256 })),
    fixedContext: fixed,
    token: waits(tested.state) ? 'test-state' : undefined,
    retryCount: count(config, 'retrierRetryCount', Number.MAX_SAFE_INTEGER) ?? 0,
    mock: container(mock, config, (field, value) => {
      inspected[field] = typeof value === 'number' ? value : JSON.stringify(value);
    }),
    timeoutMs: TIMEOUT_MS,
  });
  const inspectionData = {
    input: JSON.stringify(input),
    ...inspected,
    ...inspection(tested, outcome, variables),
  };
  return { ...answer(outcome), ...(level === 'INFO' ? {} : { inspectionData }) };
}

/** A Task that is mocked neither waits for a job nor for a token. */
function mocked(state: State): State {
  return state.Type === 'Task' ? { ...state, Resource: resourceOf(state) } : state;
}

function container(mock: Mock | undefined, config: JsonObject, note: (field: string, value: Json) => void) {
  if (mock === undefined) return undefined;
  const data = optionalText(config, 'mapItemReaderData', { max: 262_144 });
  const items = data === undefined ? undefined : parsed(data, mock.refuseItems);
  return {
    outcome: mock.outcome,
    failedItems: count(config, 'mapIterationFailureCount', Number.MAX_SAFE_INTEGER) ?? 0,
    items: Array.isArray(items) ? items : undefined,
    note,
  };
}

function answer({ status, step, failure }: SingleOutcome): JsonObject {
  return {
    status,
    output: step === undefined ? undefined : JSON.stringify(step.output),
    nextState: step?.next,
    error: failure?.error,
    cause: failure?.causeText,
  };
}

/** What the state's fields gave, from its events. */
function inspection(
  { state }: StateUnderTest,
  { events, handling }: SingleOutcome,
  given: Readonly<Record<string, Json>>,
): JsonObject {
  const data: Record<string, Json> = {};
  const variables = { ...given };
  for (const { type, details } of events) {
    const { parameters, input, output, assignedVariables } = details;
    const sent = type === 'LambdaFunctionScheduled' ? input : parameters;
    if (sent !== undefined && 'Arguments' in state) data['afterArguments'] = sent;
    if (/^(Task|LambdaFunction)Succeeded$/.test(type)) data['result'] = output ?? null;
    Object.assign(variables, assigned(assignedVariables));
  }
  if (Object.keys(variables).length > 0) data['variables'] = JSON.stringify(variables);
  if (Object.keys(handling).length > 0) data['errorDetails'] = { ...handling };
  return data;
}

/** Variables from an event, which has them as JSON texts. */
function assigned(texts: Json | undefined): Readonly<Record<string, Json>> {
  if (!isObject(texts)) return {};
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, JSON.parse(String(text))]));
}
