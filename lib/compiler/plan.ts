import type { StateMachine } from '../asl/states.ts';

/** What a compiled DAG costs: counted while it is compiled, for the happy path. */
export interface Plan {
  readonly tasks: number;
  /** States of the definition, nested ones included. */
  readonly states: number;
  /** Edges that became latches. */
  readonly latches: readonly PlannedLatch[];
  /** Joins that are decided before all their upstream is final. */
  readonly earlyJoins: number;
  readonly parallels: number;
  /** Gates that a run without failures passes. */
  readonly gates: number;
  /** Reads of latches that are expected to be set already. */
  readonly reads: number;
  /** Waits that are expected to sleep. */
  readonly sleeps: number;
}

/** An order of tasks that no sequence or Parallel expresses: one waits for what another signals. */
export interface PlannedLatch {
  /** Who signals once it is final: a task's id, or a Parallel's name. */
  readonly producer: string;
  /** Who waits: the task's id, or the name of the Parallel, before which the wait stands. */
  readonly waiter: string;
  /** The edges that need it, as pairs of tasks. */
  readonly why: readonly { readonly from: string; readonly to: string }[];
  /** Name of the state that waits. */
  readonly state: string;
  /** The wait is expected to sleep; else the latch is expected to be set already. */
  readonly sleeps: boolean;
}

/** The counters of {@link Plan}, while they count. */
export type Counts = { -readonly [K in Exclude<keyof Plan, 'tasks' | 'states' | 'latches'>]: number };

export function newCounts(): Counts {
  return { earlyJoins: 0, parallels: 0, gates: 0, reads: 0, sleeps: 0 };
}

/** Size of a definition as it is deployed: JSON without blanks, in UTF-8. */
export function definitionBytes(definition: StateMachine): number {
  return Buffer.byteLength(JSON.stringify(definition));
}
