import type { JsonObject } from '../base/json.ts';
import type { ConnectionConfig } from '../model/environment.ts';
import type { LocalStandIn } from '../model/task.ts';
import type { Permission } from './permission.ts';
import type { SyncJob } from './sync.ts';

/** One verb of one external system. Adding a system is adding one file that exports its verbs, and a line in `all.ts`. */
export interface Engine {
  /** `sql.query`, `http.request`. */
  readonly name: string;
  /** Kind of connection it needs; absent: none. */
  readonly connection?: 'sql' | 'http';
  /** Longest one try may take where the author says nothing, seconds. */
  readonly timeoutSeconds: number;
  /** `built-in`: always runs here. `stand-in`: a task needs `local: …` to run here. */
  readonly local: 'built-in' | 'stand-in';
  /**
   * How its state runs it. `call`: the DAG's function submits, polls and cancels (engines.md 3). `sync`: Step Functions
   * itself starts the job and waits for it. @default 'call'
   */
  readonly pattern?: 'call' | 'sync';
  /** Of pattern `sync`: what its state sends and makes of the answer. */
  readonly sync?: SyncJob;
  /**
   * Of pattern `call`: errors beside `Engine.Refused` that another try does not mend: not retried, unless a rule names
   * them. @default none
   */
  readonly refused?: readonly string[];
  /** What whoever runs it must be allowed: the function's role with `call`, the machine's with `sync`. @default nothing */
  readonly permissions?: (args: JsonObject, connection?: ConnectionConfig) => readonly Permission[];
  /** Argument mistakes that types cannot catch: `{ path: 'method', message, remedy }`. */
  readonly check?: (args: JsonObject) => readonly ArgumentProblem[];
  /** What its connection, as an environment has it, cannot do. @default nothing */
  readonly checkIn?: (args: JsonObject, connection: ConnectionConfig) => readonly ArgumentProblem[];
}

export interface ArgumentProblem {
  readonly path: string;
  readonly message: string;
  readonly remedy?: string;
}

/** A call to an engine, typed by what the call returns. */
export interface Call<Output> {
  readonly engine: string;
  readonly connection?: { readonly name: string; readonly kind: 'sql' | 'http' };
  readonly args: JsonObject;
  readonly local?: LocalStandIn;
  readonly __output?: Output;
}
