/**
 * Machines that are too large as several: parts of their lines of states become nested machines, which run and are
 * waited for as if they stood where they were. What is inside is divided first, so that whatever is moved fits.
 */
import { expr } from '../../asl/jsonata.ts';
import type { Branch, MapState, ParallelState, State, StateMachine } from '../../asl/states.ts';
import { moduleVariable } from '../../model/variables.ts';
import { INPUT } from '../conditions.ts';
import type { Limits } from '../course.ts';
import { type Divided, type PartPlace, partOf, partOfAll } from './part.ts';
import { partStarted, rootText } from './start.ts';
import { assignedIn } from './variables.ts';
import { exceeds, type Scale, shareOf, sum, type Weight } from './weigh.ts';

export interface DivideOptions {
  readonly limits: Limits;
  readonly scale: Scale;
  /** The machines that are made, by their key in `run.machines`: what weighs must see them. */
  readonly parts: Record<string, StateMachine>;
  /** The module whose Map or body a state is. */
  readonly moduleOf: (state: string) => string | undefined;
  readonly note: (name: string, role: string) => void;
  /** Longest a run may take. */
  readonly seconds: number;
}

/** A line's place among those around it. */
interface Place {
  readonly counters: readonly string[];
  readonly visible: ReadonlySet<string>;
  /** See {@link PartPlace}. */
  readonly start: string;
  /** States of the line that stay where they are. */
  readonly stays: (name: string, state: State) => boolean;
}

/** The run's line with all that is too much moved into `parts`. */
export function divide(root: Branch, options: DivideOptions): Branch {
  const { limits, scale } = options;
  if (!exceeds(scale.branch(root), limits)) return root;
  return new Divider(options).line(root, {
    counters: [],
    visible: new Set(),
    start: '{}',
    stays: (_, { Type }) => Type === 'Fail' || Type === 'Succeed',
  });
}

/** What a Parallel's branches gave, where several of them may be one part that gives a list. */
const FLAT = '$reduce($states.result, $append, [])';

class Divider {
  readonly #options: DivideOptions;

  constructor(options: DivideOptions) {
    this.#options = options;
  }

  /** A line that fits, of which all that is inside fits. */
  line(branch: Branch, place: Place): Branch {
    const visible = new Set([...place.visible, ...assignedIn(Object.values(branch.States))]);
    const states = Object.entries(branch.States).map(
      ([name, state]) => [name, this.#inside(name, state, { ...place, visible })] as const,
    );
    return this.#cut({ ...branch, States: Object.fromEntries(states) }, place);
  }

  #inside(name: string, state: State, around: Place): State {
    if (state.Type === 'Parallel') return this.#parallel(name, state, around);
    return state.Type === 'Map' ? this.#map(name, state, around) : state;
  }

  #parallel(name: string, state: ParallelState, around: Place): State {
    const place = { ...this.#within(name, around), start: INPUT, stays: () => false };
    const Branches = state.Branches.map((branch) => this.line(branch, place));
    return this.#grouped(name, { ...state, Branches }, place);
  }

  #map(name: string, state: MapState, around: Place): State {
    const { ItemProcessor } = state;
    const isApart = ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
    const within = this.#within(name, around);
    const line = this.line(ItemProcessor, {
      // A child of a distributed Map sees no counter from around: they are in the root's name that it is given.
      counters: isApart ? within.counters.slice(around.counters.length) : within.counters,
      visible: isApart ? new Set() : within.visible,
      start: INPUT,
      // Its input is the item; what is behind it reads variables and state data.
      stays: (inner) => inner === ItemProcessor.StartAt,
    });
    const processed = { ...state, ItemProcessor: { ...ItemProcessor, ...line } };
    if (!isApart || !startsPart(line)) return processed;
    return {
      ...processed,
      ItemSelector: { ...Object(state.ItemSelector), root: expr(rootText(around.counters)) },
    };
  }

  /** Instances of a module are told apart by its counter. */
  #within(name: string, { counters, visible }: Place): Pick<Place, 'counters' | 'visible'> {
    const module = this.#options.moduleOf(name);
    return {
      visible,
      counters: module === undefined ? counters : [...counters, moduleVariable('n', module)],
    };
  }

  /** A Parallel that fits: as many groups of its branches as must become parts do. */
  #grouped(name: string, state: ParallelState, place: Place): ParallelState {
    const { limits, scale } = this.#options;
    let now = state;
    for (let before = Number.POSITIVE_INFINITY; ; ) {
      const weight = scale.state(name, now);
      const share = shareOf(weight, limits);
      if (!exceeds(weight, limits) || share >= before) return now;
      before = share;
      now = this.#withGroups(name, now, place);
    }
  }

  #withGroups(name: string, state: ParallelState, place: Place): ParallelState {
    const { limits, scale } = this.#options;
    const groups = together(
      state.Branches.map((branch) => ({ of: branch, weight: scale.branch(branch) })),
      limits,
    );
    let left = scale.state(name, state);
    const moved = new Set<Group<Branch>>();
    for (const group of groups.toSorted((a, b) => shareOf(b.weight, limits) - shareOf(a.weight, limits))) {
      if (!exceeds(left, limits)) break;
      if (!isWorth(group.weight)) continue;
      moved.add(group);
      left = without(left, group.weight);
    }
    const Branches = groups.flatMap((group) =>
      moved.has(group) ? [this.#groupPart(group.of, place)] : group.of,
    );
    const divided = { ...state, Branches };
    return [...moved].some(({ of }) => of.length > 1) ? withFlatResult(divided) : divided;
  }

  #groupPart(branches: readonly Branch[], place: Place): Branch {
    const [only, ...others] = branches;
    if (only !== undefined && others.length === 0) return this.#part((at) => partOfAll(only, at), place);
    return this.#part((at) => {
      const name = `${at.part.replace(/^part/, 'part ')} · branches`;
      this.#options.note(name, 'parallel');
      const together: ParallelState = { Type: 'Parallel', Branches: branches, End: true };
      return partOfAll({ StartAt: name, States: { [name]: withFlatResult(together) } }, at);
    }, place);
  }

  /** A line that fits: runs of its states become parts until it does. */
  #cut(branch: Branch, place: Place): Branch {
    const { limits, scale } = this.#options;
    let now = branch;
    for (let before = Number.POSITIVE_INFINITY; ; ) {
      const weight = scale.branch(now);
      const share = shareOf(weight, limits);
      if (!exceeds(weight, limits) || share >= before) return now;
      before = share;
      for (const run of this.#runsToMove(now, weight, place)) {
        const line = now;
        now = this.#part((at) => partOf(line, run, at), place);
      }
    }
  }

  /** States that follow each other, as much as fits into one part each; the heaviest runs, until the rest fits. */
  #runsToMove(branch: Branch, weight: Weight, { stays }: Place): readonly ReadonlySet<string>[] {
    const { limits, scale } = this.#options;
    const stay = (names: readonly string[]) =>
      names.some((name) => {
        const state = branch.States[name];
        return state === undefined || stays(name, state);
      });
    const groups = scale.groups(branch).filter(({ names }) => !stay(names));
    const runs = together(
      groups.map((group) => ({ of: group.names, weight: group.weight })),
      limits,
    );
    let left = weight;
    const moved: ReadonlySet<string>[] = [];
    for (const run of runs.toSorted((a, b) => shareOf(b.weight, limits) - shareOf(a.weight, limits))) {
      if (!exceeds(left, limits)) break;
      if (!isWorth(run.weight)) continue;
      moved.push(new Set(run.of.flat()));
      left = without(left, run.weight);
    }
    return moved;
  }

  #part(made: (place: PartPlace) => Divided, { counters, visible, start }: Place): Branch {
    const { parts, note, seconds } = this.#options;
    const part = `part${Object.keys(parts).length + 1}`;
    const { branch, machine } = made({ part, counters, visible, start, seconds, note });
    parts[part] = machine;
    return branch;
  }
}

interface Group<T> {
  readonly of: readonly T[];
  readonly weight: Weight;
}

/** What follows each other and fits together. */
function together<T>(
  all: readonly { readonly of: T; readonly weight: Weight }[],
  limits: Limits,
): readonly Group<T>[] {
  const groups: { of: T[]; weight: Weight }[] = [];
  for (const { of, weight } of all) {
    const last = groups.at(-1);
    if (last === undefined || exceeds(sum(last.weight, weight), limits)) groups.push({ of: [of], weight });
    else {
      last.of.push(of);
      last.weight = sum(last.weight, weight);
    }
  }
  return groups;
}

/** What the start of a part weighs, about. */
const START: Weight = { tasks: 1, events: 10, bytes: 2000 };

/** There is more in it than in what would start it. */
function isWorth({ tasks, events, bytes }: Weight): boolean {
  return tasks > START.tasks || events > 2 * START.events || bytes > 2 * START.bytes;
}

function without(all: Weight, { tasks, events, bytes }: Weight): Weight {
  return sum(all, { tasks: START.tasks - tasks, events: START.events - events, bytes: START.bytes - bytes });
}

function withFlatResult(state: ParallelState): ParallelState {
  const { Output, Assign } = state;
  const text = JSON.stringify({ Output, Assign }).replaceAll(FLAT, '$states.result');
  const fields: Pick<ParallelState, 'Output' | 'Assign'> = JSON.parse(
    text.replaceAll('$states.result', FLAT),
  );
  return { ...state, ...fields, ...(Output === undefined ? { Output: expr(FLAT) } : {}) };
}

function startsPart({ States }: Branch): boolean {
  return Object.values(States).some((state) => {
    if (state.Type === 'Task') return partStarted(state) !== undefined;
    if (state.Type === 'Parallel') return state.Branches.some(startsPart);
    return state.Type === 'Map' && startsPart(state.ItemProcessor);
  });
}
