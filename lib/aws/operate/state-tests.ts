/** TestState over every state of a machine, asked of two places: does AWS do with it what the interpreter here does? */
import {
  DescribeStateMachineCommand,
  type SFNClient,
  TestStateCommand,
  type TestStateInput,
} from '@aws-sdk/client-sfn';
import type { State, StateMachine } from '../../asl/states.ts';
import { type Json, type JsonObject, sortedJson } from '../../base/json.ts';

/** What was seen of a state in both places. */
export interface StateTest {
  readonly state: string;
  readonly here: Seen;
  readonly there: Seen;
  readonly isSame: boolean;
}

/** As TestState answers; `refused`: it does not take the state. */
export interface Seen {
  readonly status: string;
  readonly output?: Json;
  readonly error?: string;
  readonly nextState?: string;
}

export interface StateTesting {
  readonly here: SFNClient;
  readonly there: SFNClient;
  /** Input of an execution, for what expressions read of it. */
  readonly input: JsonObject;
}

/** TestState may be asked 50 times a second. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const AT_ONCE = 10;

/** Every state at any depth, each by itself: what a Task calls is mocked, so nothing happens. */
export async function testStates(
  definition: StateMachine,
  testing: StateTesting,
  onTested: (test: StateTest) => void = () => undefined,
): Promise<readonly StateTest[]> {
  const all = statesIn(Object.entries(definition.States));
  const text = JSON.stringify(definition);
  const tests: StateTest[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE).map(async ([name, state]) => {
      const request = requestFor(text, name, state, testing.input);
      const [here, there] = await Promise.all([seen(testing.here, request), seen(testing.there, request)]);
      const test = { state: name, here, there, isSame: isSame(here, there) };
      onTested(test);
      return test;
    });
    tests.push(...(await Promise.all(some)));
  }
  return tests;
}

/** The definition of a machine's version, as it is deployed. */
export async function definitionOf(client: SFNClient, stateMachineArn: string): Promise<StateMachine> {
  const { definition = '{}' } = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  return JSON.parse(definition) as StateMachine;
}

function requestFor(definition: string, name: string, state: State, input: JsonObject): TestStateInput {
  const mock = mockFor(state);
  return {
    definition,
    stateName: name,
    input: '{}',
    variables: JSON.stringify(
      Object.fromEntries(variablesIn(JSON.stringify(state)).map((name) => [name, {}])),
    ),
    inspectionLevel: 'INFO',
    // A context is taken only beside a mock.
    ...(mock === undefined
      ? {}
      : {
          context: JSON.stringify({ Execution: { Input: input, Id: 'test', Name: 'test' } }),
          mock: { ...mock, fieldValidationMode: 'NONE' as const },
        }),
  };
}

/** What takes the place of the state's work: something of the shape that its service answers. */
function mockFor(state: State): { readonly result: string } | undefined {
  if (state.Type === 'Parallel') return { result: JSON.stringify(state.Branches.map(() => ({}))) };
  if (state.Type === 'Map') return { result: '[]' };
  return state.Type === 'Task' ? { result: JSON.stringify({ Payload: { out: {} } }) } : undefined;
}

/** Names after a `$` that are neither functions nor what Step Functions gives. */
function variablesIn(text: string): readonly string[] {
  const names = [...text.matchAll(/\$([A-Za-z_]\w*)\b(?!\s*\()/g)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => name !== 'states');
}

async function seen(client: SFNClient, request: TestStateInput): Promise<Seen> {
  try {
    const { status = '', output, error, nextState } = await client.send(new TestStateCommand(request));
    return {
      status,
      ...(output === undefined ? {} : { output: JSON.parse(output) as Json }),
      ...(error === undefined ? {} : { error }),
      ...(nextState === undefined ? {} : { nextState }),
    };
  } catch (thrown) {
    const error = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return { status: 'refused', error };
  }
}

/** Why a place refuses is told in its own words. */
function isSame(here: Seen, there: Seen): boolean {
  if (here.status === 'refused' || there.status === 'refused') return here.status === there.status;
  return sortedJson(here) === sortedJson(there);
}

function statesIn(states: readonly (readonly [string, State])[]): readonly (readonly [string, State])[] {
  return states.flatMap(([name, state]) => [[name, state] as const, ...inside(state)]);
}

function inside(state: State): readonly (readonly [string, State])[] {
  if (state.Type === 'Parallel')
    return state.Branches.flatMap(({ States }) => statesIn(Object.entries(States)));
  return state.Type === 'Map' ? statesIn(Object.entries(state.ItemProcessor.States)) : [];
}
