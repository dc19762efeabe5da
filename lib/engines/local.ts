/** What a task whose engine is elsewhere does in a local run. @see engines.md 6 */
import type { Duration } from '../base/duration.ts';
import type { Json } from '../base/json.ts';
import type { LocalStandIn } from '../model/task.ts';

/** A stand-in, typed by what the real engine would give. */
export type StandIn<Output> = LocalStandIn & {
  /** Phantom: carries `Output`. */
  readonly __output?: readonly [Output];
};

export interface Simulation<Output> {
  /** What the task gives. @default nothing: a later task that refers to it fails */
  readonly output?: Output;
  /** How long each try takes. @default 0 */
  readonly after?: Duration;
  /** So many first tries fail. @default 0 */
  readonly failTimes?: number;
  /** Name of the error they fail with. @default 'Engine.JobFailed' */
  readonly error?: string;
}

/** Plays the engine: nothing runs, and every try is marked simulated. */
export function simulate<Output>(simulation: Simulation<Output> = {}): StandIn<Output> {
  return { kind: 'simulate', ...(simulation as { readonly output?: Json }) };
}

/** Runs a program in its place: exit code 0 is success, what it prints is the log. */
export function command(program: readonly [string, ...string[]]): StandIn<never> {
  return { kind: 'command', command: [...program] };
}

/** Calls the real engine from here, with your credentials. */
export const real: StandIn<never> = Object.freeze({ kind: 'real' });
