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
  /** Size of the definition as JSON without blanks. */
  readonly bytes: number;
}

/** The counters of {@link Plan}, while they count. */
export type Counts = { -readonly [K in Exclude<keyof Plan, 'tasks' | 'states' | 'bytes'>]: number };

export function newCounts(): Counts {
  return { latches: 0, earlyJoins: 0, parallels: 0, gates: 0, reads: 0, sleeps: 0 };
}
