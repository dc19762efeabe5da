/** The state that TestState runs. */
import type { State, StateMachine, TaskState } from '../../asl/states.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseDefinition } from '../definition.ts';
import { SfnError, validation } from '../errors.ts';
import { parsed } from '../request.ts';

export interface StateUnderTest {
  /** AWS's `StateName` where the definition is a state alone. */
  readonly name: string;
  readonly state: State;
}

/** Reads a state alone, or the one named in a whole machine, at any depth. @throws {SfnError} `InvalidDefinition`, `ValidationException` */
export function stateUnderTest(definition: string, name: string | undefined): StateUnderTest {
  if (name === undefined) return alone(definition);
  const state = found(parseDefinition(definition, 'STANDARD'), name);
  if (state !== undefined) return { name, state };
  throw validation('State not found in definition');
}

/** Whether a Task waits for a job's end or for its token. */
export function waits(state: State): boolean {
  return state.Type === 'Task' && resourceOf(state) !== state.Resource;
}

/** A Task's resource without `.sync` and `.waitForTaskToken`. */
export function resourceOf({ Resource }: TaskState): string {
  return Resource.replace(/\.(?:sync(?::\d+)?|waitForTaskToken)$/, '');
}

/** A machine around the state: whatever it leads to is there. */
function alone(definition: string): StateUnderTest {
  const name = 'StateName';
  const state = parsed(
    definition,
    (why) =>
      new SfnError(
        'InvalidDefinition',
        `Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: ${why}'`,
      ),
  );
  const ends = targetsOf(isObject(state) ? state : {}).filter((target) => target !== name);
  const end = { Type: 'Succeed', QueryLanguage: 'JSONata' };
  const States = { [name]: state, ...Object.fromEntries(ends.map((target) => [target, end])) };
  const machine = parseDefinition(JSON.stringify({ StartAt: name, States }), 'STANDARD');
  const read = machine.States[name];
  if (read === undefined) throw validation('State not found in definition');
  return { name, state: read };
}

/** Where a state may lead. */
function targetsOf(state: JsonObject): readonly string[] {
  const rules = [state['Choices'], state['Catch']].flatMap((list) => (Array.isArray(list) ? list : []));
  const nexts = rules.map((rule: Json) => (isObject(rule) ? rule['Next'] : undefined));
  return [state['Next'], state['Default'], ...nexts].filter((next) => typeof next === 'string');
}

function found({ States }: Pick<StateMachine, 'States'>, name: string): State | undefined {
  const own = States[name];
  if (own !== undefined) return own;
  for (const state of Object.values(States)) {
    const branches =
      state.Type === 'Parallel' ? state.Branches : state.Type === 'Map' ? [state.ItemProcessor] : [];
    for (const branch of branches) {
      const inner = found(branch, name);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}
