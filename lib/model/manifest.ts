import type { Duration } from '../base/duration.ts';
import type { JsonObject } from '../base/json.ts';
import type { TriggerRule } from './trigger-rule.ts';

/** What a reader of history needs to know of a compiled DAG: immutable, found by its hash. */
export interface Manifest {
  readonly dagId: string;
  /** Hash of everything below that shapes a run: tasks, edges, rules, calls. */
  readonly hash: string;
  /** Of a deployed version: hashes of what `hash` is then made of. Absent: it runs here. */
  readonly parts?: VersionParts;
  readonly description?: string;
  readonly doc?: string;
  readonly owner?: string;
  readonly tags: readonly string[];
  /** In words: "at 02:00 Europe/Berlin, every day". */
  readonly schedule: string;
  /** JSON Schema of the params object. */
  readonly params: JsonObject;
  readonly runState: 'leaves' | 'any-failed';
  /** How often the whole run is tried again. Absent: never. */
  readonly runRetries?: number;
  /** Of a run, as the DAG says them; absent: none said. */
  readonly deadline?: Duration;
  readonly runTimeout?: Duration;
  readonly tasks: readonly ManifestTask[];
  readonly groups: readonly { readonly id: string; readonly tasks: readonly string[] }[];
  /** Maps, group retries and loops, outer before inner. Absent: none. */
  readonly modules?: readonly ManifestModule[];
  /** Every state of the definition (and of nested machines) by name. */
  readonly states: Readonly<Record<string, ManifestState>>;
}

/** Hashes that tell why a deployed version is another one than the version before. */
export interface VersionParts {
  /** What machines do, reruns and parts included. */
  readonly definition: string;
  /** The pipeline file with what it imports, and files that it includes. */
  readonly code: string;
  /** What stands beside the code and is not the author's: Tutti's own, and packages with native code. */
  readonly runtime: string;
  /** What the environment binds: connections and secrets that bodies ask for. */
  readonly connections: string;
  /** Memory, network, tracing and the like of functions. */
  readonly configuration: string;
  /** Of the roles of machines and functions. */
  readonly rights: string;
}

export interface ManifestState {
  /** The task whose own state it is. */
  readonly task?: string;
  /** The module whose Map state (role `map`), body, a Parallel of one branch (role `body`), or wait between two tries it is. */
  readonly module?: string;
  /** The task that waits there for its places of a pool. */
  readonly queues?: string;
  /** The task of which it is decided there whether another try is made. */
  readonly retries?: string;
  /** Errors after which, at a task's own state, the same try goes on: those of busy services, the time of one wait of many. */
  readonly renews?: readonly string[];
  /** Of a rerun: the task or module that is passed over there where it does not run again. */
  readonly masks?: string;
  readonly role: string;
}

/**
 * A mapped task or group (`map`), a group with retries, or a loop. Each iteration of its Map, or each time its body is
 * entered, is one instance; all inside happens in instances. A mapped task has the same id as its module.
 */
export interface ManifestModule {
  readonly id: string;
  readonly kind: 'map' | 'retry' | 'loop';
  /** Of a map, its list as a person reads it: `listed.files`. */
  readonly items?: string;
  /** Of a map, as the author said them; absent: no bound, none tolerated. */
  readonly concurrency?: number;
  readonly tolerate?: number | `${number}%`;
  readonly maxItems?: number;
  /** Of a group retry: tries after the first. */
  readonly attempts?: number;
  /** Of a loop, its condition as a person reads it: `fetch.rows ≥ 3`. */
  readonly until?: string;
  readonly maxIterations?: number;
  /** The module around it. Absent: none. */
  readonly module?: string;
  /** In the scope it stands in: ids of tasks and modules there. */
  readonly upstream: ManifestTask['upstream'];
  readonly heldBy?: readonly string[];
  readonly triggerRule: TriggerRule;
  readonly layout: ManifestTask['layout'];
}

export interface ManifestTask {
  readonly id: string;
  /** The innermost module around it. Absent: none. */
  readonly module?: string;
  /** In the scope it stands in: tasks of the same module, and modules in it. */
  readonly upstream: readonly { readonly task: string; readonly labels?: readonly string[] }[];
  /** Tasks it also waits for: what may cut it off, setups that hold it. Absent: none. */
  readonly heldBy?: readonly string[];
  readonly triggerRule: TriggerRule;
  /** `fn`, `branch`, `choose`, `shortCircuit`, `setup`, `teardown`, `approve`, the sensor: `sensor.http`, or the engine: `sql.query`. */
  readonly kind: string;
  /** Tries after the first, of all retry rules together. Absent: none. */
  readonly attempts?: number;
  /** Of one try; of a sensor or an approval in all. Absent: none said. */
  readonly timeout?: Duration;
  /** After the end of the run's interval. Absent: none. */
  readonly deadline?: Duration;
  readonly pool?: { readonly name: string; readonly slots: number };
  /** A teardown that decides the run. */
  readonly failRun?: boolean;
  readonly owner?: string;
  readonly doc?: string;
  /** Where to draw it: column (its depth) and row, from 0. */
  readonly layout: { readonly column: number; readonly row: number };
}
