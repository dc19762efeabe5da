import type { JsonObject } from '../base/json.ts';
import type { TriggerRule } from './trigger-rule.ts';

/** What a reader of history needs to know of a compiled DAG: immutable, found by its hash. */
export interface Manifest {
  readonly dagId: string;
  /** Hash of everything below that shapes a run: tasks, edges, rules, calls. */
  readonly hash: string;
  readonly description?: string;
  readonly doc?: string;
  readonly owner?: string;
  readonly tags: readonly string[];
  /** In words: "at 02:00 Europe/Berlin, every day". */
  readonly schedule: string;
  /** JSON Schema of the params object. */
  readonly params: JsonObject;
  readonly runState: 'leaves' | 'any-failed';
  readonly tasks: readonly ManifestTask[];
  readonly groups: readonly { readonly id: string; readonly tasks: readonly string[] }[];
  /** Every state of the definition by name; `task` where it is a task's own state. */
  readonly states: Readonly<Record<string, { readonly task?: string; readonly role: string }>>;
}

export interface ManifestTask {
  readonly id: string;
  readonly upstream: readonly { readonly task: string; readonly labels?: readonly string[] }[];
  /** Tasks it also waits for: what may cut it off, setups that hold it. Absent: none. */
  readonly heldBy?: readonly string[];
  readonly triggerRule: TriggerRule;
  /** `fn`, `branch`, `choose`, `shortCircuit`, `setup`, `teardown`, or the engine: `sql.query`. */
  readonly kind: string;
  /** A teardown that decides the run. */
  readonly failRun?: boolean;
  readonly owner?: string;
  readonly doc?: string;
  /** Where to draw it: column (its depth) and row, from 0. */
  readonly layout: { readonly column: number; readonly row: number };
}
