/**
 * What states cost: events of the history they are in, and transitions.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 * @see https://aws.amazon.com/step-functions/pricing/
 */
import { MAX_INLINE_CONCURRENCY, MAX_MAP_ITEMS } from '../../asl/limits.ts';
import type { Branch, MapState, ParallelState, State, StateMachine, TaskState } from '../../asl/states.ts';
import { cyclesOf, followers, lastFirst, nextOf } from './flow.ts';
import type { Hint, Hints } from './hints.ts';
import { mostRetries } from './retries.ts';

export interface Cost {
  /** Of the history that the states are in. */
  readonly events: number;
  /** States entered and tried again, those of nested executions included. */
  readonly transitions: number;
}

export interface Measured {
  readonly worst: Cost;
  /** Every task runs and succeeds at once, and nobody looks twice. */
  readonly expected: Cost & { /** Own states of tasks that are entered. */ readonly tasks: number };
}

/** What states are measured with. */
export interface MeterOptions {
  readonly hints: Hints;
  /** Whether a state is a task's own: the happy path is the one with most of them. */
  readonly isTask: (state: string) => boolean;
  /** Whether a Choice's first rule, not its default, is what is expected. */
  readonly takesFirst: (state: string) => boolean;
  /** The machine that a Task starts and waits for. */
  readonly nested: (state: TaskState) => Nested | undefined;
}

export interface Nested {
  /** Its name. */
  readonly part: string;
  readonly machine: StateMachine;
  /** The state at which it is entered, where it may be entered at several. */
  readonly at: string | undefined;
}

/** History of an execution of its own: the run's (`''`), a part's, or that of a child of a distributed Map. */
export interface History {
  readonly name: string;
  readonly expected: number;
  readonly worst: number;
}

/** Measures states; keeps what every history came to. */
export class Meter {
  readonly #options: MeterOptions;
  readonly #histories = new Map<string, Measured>();
  readonly #branches = new Map<Branch, Measured>();
  /** Parts as seen from one of their entries. */
  readonly #entered = new Map<string, Branch>();

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  /** Histories of all executions that were measured, the fullest first. */
  histories(): readonly History[] {
    return [...this.#histories]
      .map(([name, { expected, worst }]) => ({ name, expected: expected.events, worst: worst.events }))
      .sort((a, b) => b.worst - a.worst);
  }

  /** A whole execution: two events more, for its start and its end. */
  execution(name: string, machine: Branch): Measured {
    const known = this.#histories.get(name);
    if (known !== undefined) return known;
    const inside = this.branch(machine);
    const ends = { events: 2, transitions: 0, tasks: 0 };
    const measured = { worst: plus(inside.worst, ends), expected: plusTasks(inside.expected, ends) };
    this.#histories.set(name, measured);
    return measured;
  }

  /** From the start of a line of states to its end. */
  branch(branch: Branch): Measured {
    const known = this.#branches.get(branch);
    if (known !== undefined) return known;
    const states = new Map(
      Object.entries(branch.States).map(([name, state]) => [name, this.state(name, state)] as const),
    );
    const measured = { worst: this.#worst(branch), expected: this.#expected(branch, states) };
    this.#branches.set(branch, measured);
    return measured;
  }

  /**
   * States that lead to each other, and what they cost together: each as often as it is entered at most. One that is on
   * no cycle is a group of its own. A group stands before those that lead to it.
   */
  groups(branch: Branch): readonly { readonly names: readonly string[]; readonly worst: Cost }[] {
    return cyclesOf(branch).map((names) => {
      const rounds = names.length > 1 ? this.#rounds(names) : 0;
      const worst = names
        .map((name) => {
          const state = branch.States[name];
          const once = state === undefined ? NOTHING : this.state(name, state).worst;
          return times(once, this.#hint(name).rounds ?? rounds + 1);
        })
        .reduce(plus, NOTHING);
      return { names, worst };
    });
  }

  /** The dearest way through. */
  #worst(branch: Branch): Cost {
    const behind = new Map<string, Cost>();
    for (const { names, worst } of this.groups(branch)) {
      const after = names
        .flatMap((name) => followersIn(branch, name))
        .map((name) => behind.get(name) ?? NOTHING)
        .reduce(dearest, NOTHING);
      const total = plus(worst, after);
      for (const name of names) behind.set(name, total);
    }
    return behind.get(branch.StartAt) ?? NOTHING;
  }

  #rounds(group: readonly string[]): number {
    const told = group.flatMap((name) => this.#hint(name).rounds ?? []);
    return told.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...told);
  }

  #expected(branch: Branch, states: ReadonlyMap<string, Measured>): Measured['expected'] {
    const behind = new Map<string, Measured['expected']>();
    for (const name of lastFirst(branch, nextOf)) {
      const own = states.get(name)?.expected ?? NO_TASKS;
      const state = branch.States[name];
      const ways = state === undefined ? [] : nextOf(state);
      const ordered = state?.Type === 'Choice' && this.#options.takesFirst(name) ? ways.slice(1, 2) : ways;
      // A way back is not there yet.
      const [first = NO_TASKS, ...others] = ordered.flatMap((next) => behind.get(next) ?? []);
      behind.set(name, plusTasks(own, others.reduce(happier, first)));
    }
    return behind.get(branch.StartAt) ?? NO_TASKS;
  }

  /** One stay in a state, its retries and what is inside it included. */
  state(name: string, state: State): Measured {
    switch (state.Type) {
      case 'Task':
        return this.#task(name, state);
      case 'Parallel':
        return this.#parallel(state);
      case 'Map':
        return this.#map(name, state);
      case 'Fail':
        return same({ events: 1, transitions: 1, tasks: 0 });
      default:
        return same({ events: 2, transitions: 1, tasks: this.#options.isTask(name) ? 1 : 0 });
    }
  }

  #task(name: string, state: TaskState): Measured {
    // `.sync` and tokens have one event more, TaskSubmitted.
    const submitted = /\.(sync(:2)?|waitForTaskToken)$/.test(state.Resource) ? 1 : 0;
    const own = { events: 5 + submitted, transitions: 1 };
    const hint = this.#hint(name);
    // What goes around a cycle shares the run's time.
    const retries = mostRetries(state, hint, this.#options.hints.runSeconds / (hint.rounds ?? 1));
    const again = times({ events: 3 + submitted, transitions: 1 }, retries);
    const expected = { ...own, tasks: this.#options.isTask(name) ? 1 : 0 };
    const started = this.#options.nested(state);
    if (started === undefined) return { worst: plus(own, again), expected };
    const inside = this.#started(started);
    const elsewhere = (cost: Cost) => ({ events: 0, transitions: cost.transitions });
    return {
      worst: plus(plus(own, again), elsewhere(inside.worst)),
      expected: plusTasks(expected, { ...elsewhere(inside.expected), tasks: inside.expected.tasks }),
    };
  }

  /** From where it is entered on; with the two states that lead there. */
  #started({ part, machine, at }: Nested): Measured {
    const whole = this.execution(part, machine);
    if (at === undefined) return whole;
    const key = `${part} ${at}`;
    const line = this.#entered.get(key) ?? { StartAt: at, States: machine.States };
    this.#entered.set(key, line);
    const { worst, expected } = this.branch(line);
    const ways = { events: 4, transitions: 2, tasks: 0 };
    return { worst: plus(worst, ways), expected: plusTasks(expected, ways) };
  }

  #parallel(state: ParallelState): Measured {
    const branches = state.Branches.map((branch) => this.branch(branch));
    const own = { events: 4, transitions: 1, tasks: 0 };
    return {
      worst: branches.map(({ worst }) => worst).reduce(plus, own),
      expected: branches.map(({ expected }) => expected).reduce(plusTasks, own),
    };
  }

  #map(name: string, state: MapState): Measured {
    const distributed = state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
    const listed = Array.isArray(state.Items) ? state.Items.length : undefined;
    const otherwise = distributed ? MAX_MAP_ITEMS : MAX_INLINE_CONCURRENCY;
    const hint = this.#hint(name);
    const most = listed ?? hint.items ?? otherwise;
    const expected = listed ?? Math.min(hint.expectedItems ?? 1, most);
    const inside = distributed
      ? withoutEvents(this.execution(name, state.ItemProcessor))
      : this.branch(state.ItemProcessor);
    const own = { events: distributed ? 6 : 4, transitions: 1, tasks: 0 };
    const item = { events: distributed ? 0 : 2, transitions: 0, tasks: 0 };
    return {
      worst: plus(own, times(plus(inside.worst, item), most)),
      expected: plusTasks(own, timesTasks(plusTasks(inside.expected, item), expected)),
    };
  }

  #hint(name: string): Hint {
    return this.#options.hints.of(name);
  }
}

const NOTHING: Cost = { events: 0, transitions: 0 };
const NO_TASKS: Measured['expected'] = { ...NOTHING, tasks: 0 };

function followersIn(branch: Branch, name: string): readonly string[] {
  const state = branch.States[name];
  return state === undefined ? [] : followers(state);
}

function same(cost: Measured['expected']): Measured {
  return { worst: { events: cost.events, transitions: cost.transitions }, expected: cost };
}

function withoutEvents({ worst, expected }: Measured): Measured {
  return { worst: { ...worst, events: 0 }, expected: { ...expected, events: 0 } };
}

function plus(a: Cost, b: Cost): Cost {
  return { events: a.events + b.events, transitions: a.transitions + b.transitions };
}

function plusTasks(a: Measured['expected'], b: Measured['expected']): Measured['expected'] {
  return { ...plus(a, b), tasks: a.tasks + b.tasks };
}

function times(cost: Cost, factor: number): Cost {
  // Nothing, however often, is nothing: 0 × ∞ is no number.
  const of = (amount: number) => (amount === 0 || factor === 0 ? 0 : amount * factor);
  return { events: of(cost.events), transitions: of(cost.transitions) };
}

function timesTasks(cost: Measured['expected'], factor: number): Measured['expected'] {
  return { ...times(cost, factor), tasks: cost.tasks * factor };
}

function dearest(a: Cost, b: Cost): Cost {
  return { events: Math.max(a.events, b.events), transitions: Math.max(a.transitions, b.transitions) };
}

/** The way on which more tasks run; of equal ones the shorter. */
function happier(a: Measured['expected'], b: Measured['expected']): Measured['expected'] {
  if (a.tasks !== b.tasks) return b.tasks > a.tasks ? b : a;
  return b.transitions < a.transitions ? b : a;
}
