import type { StateMachine } from '../asl/states.ts';

/** What a compiled DAG costs: counted while it is compiled, for the happy path. */
export interface Plan {
  readonly tasks: number;
  /** States of the definition, nested ones included. */
  readonly states: number;
  /** Edges that became latches: pairs of producer and waiter. */
  readonly latches: number;
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

/** The counters of {@link Plan}, while they count. */
export type Counts = { -readonly [K in Exclude<keyof Plan, 'tasks' | 'states'>]: number };

export function newCounts(): Counts {
  return { latches: 0, earlyJoins: 0, parallels: 0, gates: 0, reads: 0, sleeps: 0 };
}

/** Size of a definition as it is deployed: JSON without blanks, in UTF-8. */
export function definitionBytes(definition: StateMachine): number {
  return Buffer.byteLength(JSON.stringify(definition));
}
