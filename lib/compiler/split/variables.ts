/** Variables of states: which they assign, which they may read. */
import type { Branch, State, States } from '../../asl/states.ts';

/** Variables that the states of a line assign, those inside their branches left out: they end there. */
export function assignedIn(states: Iterable<State>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const state of states) for (const name of assignedBy(state)) names.add(name);
  return names;
}

function assignedBy(state: State): readonly string[] {
  const ways = [
    state,
    ...(state.Type === 'Choice' ? state.Choices : []),
    ...('Catch' in state ? (state.Catch ?? []) : []),
  ];
  return ways.flatMap((way) => ('Assign' in way ? Object.keys(way.Assign ?? {}) : []));
}

/** Every `$name` in the text of states and of what is inside them: more than they read, never less. */
export function namesIn(states: Iterable<State>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const state of states) for (const name of namesOf(state)) names.add(name);
  return names;
}

/** States do not change: each is read once, at whatever depth it stands. */
const KNOWN = new WeakMap<State, ReadonlySet<string>>();

function namesOf(state: State): ReadonlySet<string> {
  const known = KNOWN.get(state);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const [, name = ''] of textOf(state).matchAll(/\$([A-Za-z_]\w*)/g)) names.add(name);
  for (const inner of branchesOf(state))
    for (const name of namesIn(Object.values(inner.States))) names.add(name);
  KNOWN.set(state, names);
  return names;
}

/** A state as JSON, without what is inside it. */
export function textOf(state: State): string {
  if (state.Type === 'Parallel') return JSON.stringify({ ...state, Branches: [] });
  if (state.Type === 'Map')
    return JSON.stringify({ ...state, ItemProcessor: { ...state.ItemProcessor, States: {} } });
  return JSON.stringify(state);
}

/** The lines of states inside a state. */
export function branchesOf(state: State): readonly Branch[] {
  if (state.Type === 'Parallel') return state.Branches;
  return state.Type === 'Map' ? [state.ItemProcessor] : [];
}

/** Those states of a line whose names are among `names`, or are not. */
export function chosen(states: States, names: ReadonlySet<string>, isIn = true): States {
  return Object.fromEntries(Object.entries(states).filter(([name]) => names.has(name) === isIn));
}
