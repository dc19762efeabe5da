/** How much of what a machine may hold its states take. */
import type { Branch, State } from '../../asl/states.ts';
import type { Meter } from '../bounds/meter.ts';
import type { Limits } from '../course.ts';
import { partStarted } from './start.ts';
import { branchesOf, textOf } from './variables.ts';

export type Weight = Readonly<Record<'tasks' | 'events' | 'bytes', number>>;

export const WEIGHTLESS: Weight = { tasks: 0, events: 0, bytes: 0 };

export function sum(a: Weight, b: Weight): Weight {
  return { tasks: a.tasks + b.tasks, events: a.events + b.events, bytes: a.bytes + b.bytes };
}

/** True where a machine of that weight must be divided. */
export function exceeds({ tasks, events, bytes }: Weight, limits: Limits): boolean {
  return tasks > limits.tasks || events > limits.events || bytes > limits.bytes;
}

/** Share of what is allowed that the weight takes, where it takes most. */
export function shareOf({ tasks, events, bytes }: Weight, limits: Limits): number {
  return Math.max(tasks / limits.tasks, events / limits.events, bytes / limits.bytes);
}

/** `"":,` around a state; what is around the states of a line, its start's name included. */
const STATE_BYTES = 4;
const BRANCH_BYTES = 120;

/** Weighs states; remembers each. */
export class Scale {
  readonly #meter: Meter;
  readonly #isTask: (name: string) => boolean;
  readonly #sizes = new WeakMap<Branch, Weight>();

  constructor(meter: Meter, isTask: (name: string) => boolean) {
    this.#meter = meter;
    this.#isTask = isTask;
  }

  branch(branch: Branch): Weight {
    return { ...this.#size(branch), events: this.#meter.branch(branch).worst.events };
  }

  state(name: string, state: State): Weight {
    return { ...this.#sizeOf(name, state), events: this.#meter.state(name, state).worst.events };
  }

  /** States that lead to each other, or one that leads on; in an order in which all lead forward. */
  groups(branch: Branch): readonly { readonly names: readonly string[]; readonly weight: Weight }[] {
    const groups = this.#meter.groups(branch).toReversed();
    return groups.map(({ names, worst }) => {
      const sizes = names.map((name) => this.#sizeOf(name, branch.States[name]));
      return { names, weight: { ...sizes.reduce(sum, WEIGHTLESS), events: worst.events } };
    });
  }

  /** Tasks and bytes, those of distributed children too: they are in the same definition. */
  #size(branch: Branch): Weight {
    const known = this.#sizes.get(branch);
    if (known !== undefined) return known;
    const states = Object.entries(branch.States);
    const size = states
      .map(([name, state]) => this.#sizeOf(name, state))
      .reduce(sum, { ...WEIGHTLESS, bytes: BRANCH_BYTES });
    this.#sizes.set(branch, size);
    return size;
  }

  #sizeOf(name: string, state: State | undefined): Weight {
    if (state === undefined) return WEIGHTLESS;
    const isOne = this.#isTask(name) || (state.Type === 'Task' && partStarted(state) !== undefined);
    const bytes = Buffer.byteLength(name) + Buffer.byteLength(textOf(state)) + STATE_BYTES;
    return branchesOf(state)
      .map((inner) => this.#size(inner))
      .reduce(sum, { tasks: isOne ? 1 : 0, events: 0, bytes });
  }
}
