/** The states of a line as a graph: who may follow whom, and in which order to look at them. */
import type { Branch, State } from '../../asl/states.ts';

/** States that may follow, each once: `Next`, the ways of a Choice (its default first) and of Catchers. */
export function followers(state: State): readonly string[] {
  const names = [...(nextOf(state) ?? []), ...caughtBy(state)];
  return [...new Set(names)];
}

/** States that follow where nothing fails; a Choice's default first. */
export function nextOf(state: State): readonly string[] {
  if (state.Type === 'Choice') {
    const rules = state.Choices.map(({ Next }) => Next);
    return state.Default === undefined ? rules : [state.Default, ...rules];
  }
  return 'Next' in state && state.Next !== undefined ? [state.Next] : [];
}

function caughtBy(state: State): readonly string[] {
  return 'Catch' in state ? (state.Catch ?? []).map(({ Next }) => Next) : [];
}

/** Names that can be reached from the start, each behind everything that can be reached from it (but by a way back). */
export function lastFirst(branch: Branch, follow: (state: State) => readonly string[]): readonly string[] {
  const done: string[] = [];
  const seen = new Set([branch.StartAt]);
  const path = [frameOf(branch, branch.StartAt, follow)];
  for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
    const name = frame.left.pop();
    if (name === undefined) {
      done.push(frame.name);
      path.pop();
    } else if (!seen.has(name)) {
      seen.add(name);
      path.push(frameOf(branch, name, follow));
    }
  }
  return done;
}

interface Frame {
  readonly name: string;
  readonly left: string[];
}

function frameOf(branch: Branch, name: string, follow: (state: State) => readonly string[]): Frame {
  const state = branch.States[name];
  return { name, left: state === undefined ? [] : [...follow(state)].reverse() };
}

/**
 * Groups of states that lead to each other, a group before those that lead to it.
 *
 * @see Kosaraju's algorithm
 */
export function cyclesOf(branch: Branch): readonly (readonly string[])[] {
  const order = lastFirst(branch, followers);
  const leading = leadingTo(branch, order);
  const grouped = new Set<string>();
  const groups = order.toReversed().map((first) => allLeadingTo(first, leading, grouped));
  return groups.filter((group) => group.length > 0).reverse();
}

/** Who leads to each state. */
function leadingTo(branch: Branch, names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const leading = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const name of names) {
    const state = branch.States[name];
    for (const next of state === undefined ? [] : followers(state)) leading.get(next)?.push(name);
  }
  return leading;
}

/** A state and all that lead to it, however far, and are in no group yet; they are then. */
function allLeadingTo(
  first: string,
  leading: ReadonlyMap<string, readonly string[]>,
  grouped: Set<string>,
): readonly string[] {
  const group: string[] = [];
  const add = (name: string) => {
    if (grouped.has(name)) return;
    grouped.add(name);
    group.push(name);
  };
  add(first);
  for (const name of group) for (const before of leading.get(name) ?? []) add(before);
  return group;
}
