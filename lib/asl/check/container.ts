import { isObject, type JsonObject } from '../../base/json.ts';
import { isDistributed } from './map.ts';

/** A set of states with a start: the machine, a Parallel's branch or a Map's processor. */
export interface Container {
  /** `''` for the machine. */
  readonly path: string;
  readonly object: JsonObject;
  readonly states: ReadonlyMap<string, JsonObject>;
  /** The container around it and the state that holds it. */
  readonly parent?: { readonly container: Container; readonly state: string };
  /** Its executions are of their own: outer variables cannot be read. */
  readonly isolated: boolean;
}

/** Every container of a machine, outer ones first. */
export function containersOf(machine: JsonObject): readonly Container[] {
  const all: Container[] = [containerOf('', machine)];
  // The list grows while it is walked: no recursion, however deep the nesting.
  for (const container of all) {
    for (const [name, state] of container.states) {
      for (const [path, object, isolated] of within(state))
        all.push({
          ...containerOf(`${statePath(container, name)}/${path}`, object),
          parent: { container, state: name },
          isolated,
        });
    }
  }
  return all;
}

export function statePath(container: Container, name: string): string {
  return `${container.path}/States/${name}`;
}

function containerOf(path: string, object: JsonObject): Container {
  const states = new Map<string, JsonObject>();
  if (isObject(object['States']))
    for (const [name, state] of Object.entries(object['States']))
      if (isObject(state)) states.set(name, state);
  return { path, object, states, isolated: false };
}

function within(
  state: JsonObject,
): readonly (readonly [path: string, object: JsonObject, isolated: boolean])[] {
  if (state['Type'] === 'Parallel' && Array.isArray(state['Branches']))
    return state['Branches'].flatMap((branch: unknown, index) =>
      isObject(branch) ? [[`Branches[${index}]`, branch, false] as const] : [],
    );
  if (state['Type'] !== 'Map') return [];
  const field = state['ItemProcessor'] === undefined ? 'Iterator' : 'ItemProcessor';
  const processor = state[field];
  return isObject(processor) ? [[field, processor, isDistributed(state)]] : [];
}
