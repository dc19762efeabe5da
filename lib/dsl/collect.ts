import { DefinitionError, type Problem } from '../base/errors.ts';
import type { DagNode } from '../model/dag.ts';

/** What the DAG declarations of a file gave, while somebody listened. */
export interface Collection {
  /** Errors and warnings of every DAG, in the order found. */
  readonly problems: readonly Problem[];
  /** Every DAG declared, broken ones included. */
  readonly dags: readonly DagNode[];
  /** Ends the collecting: from here on `dag()` throws again. */
  stop(): void;
}

interface OpenCollection extends Collection {
  readonly problems: Problem[];
  readonly dags: DagNode[];
}

/** Hears the mistakes made while a DAG's body runs. */
type Listener = (problem: Problem) => void;

let open: OpenCollection | undefined;
const listeners: Listener[] = [];

/**
 * From here until `stop()`, `dag()` records its problems here instead of throwing, so that one broken
 * DAG hides no other of its file.
 *
 * @throws {Error} when another collection is open
 */
export function startCollecting(): Collection {
  if (open !== undefined) throw new Error('unreachable: two collections at once');
  const collection: OpenCollection = {
    problems: [],
    dags: [],
    stop: () => {
      if (open === collection) open = undefined;
    },
  };
  open = collection;
  return collection;
}

/** Hands a finished DAG to the open collection; false when there is none. */
export function collect(dag: DagNode, problems: readonly Problem[]): boolean {
  if (open === undefined) return false;
  open.dags.push(dag);
  open.problems.push(...problems);
  return true;
}

/** Runs `body`; mistakes told meanwhile go to `listener`. */
export function listening<T>(listener: Listener, body: () => T): T {
  listeners.push(listener);
  try {
    return body();
  } finally {
    listeners.pop();
  }
}

/**
 * Tells one mistake and goes on, so that the others are found too.
 *
 * @throws {DefinitionError} where nobody collects: outside of a DAG's body and of a collection
 */
export function report(problem: Problem): void {
  const listener = listeners.at(-1);
  if (listener !== undefined) listener(problem);
  else if (open === undefined) throw new DefinitionError([problem]);
  else open.problems.push(problem);
}
