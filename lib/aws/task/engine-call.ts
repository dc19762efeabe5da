/** What a try of a task asks of `lib/aws/engines`, where an engine does its work. */
import type { Json, JsonObject } from '../../base/json.ts';
import type { CancelJobs } from '../../deployment/events.ts';
import type { DagFile } from '../../deployment/files.ts';
import type { FnContext, Log } from '../../model/context.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import type { TaskNode } from '../../model/task.ts';
import type { EngineNode } from '../../runtime/work.ts';
import type { Clients } from '../signed/clients.ts';

/** One call of an engine's verb: a try, a poll of one, or a sensor's look. */
export interface EngineContext {
  /** As it was sent; of a sensor `try` is the author's. */
  readonly event: TaskEvent;
  readonly task: TaskNode;
  /** The verb, `sql.query`, and its connection's name; of a sensor that by which it looks. */
  readonly call: Pick<EngineNode, 'engine' | 'connection'>;
  /** References resolved. */
  readonly args: JsonObject;
  /** Fields of the output that somebody reads, `a.b.0`; `''` is the whole output. */
  readonly want: readonly string[];
  readonly file: DagFile;
  readonly clients: Clients;
  /** What functions get: files, secrets, HTTP clients of connections. */
  readonly context: FnContext;
  readonly log: Log;
  /** Aborted shortly before Lambda ends the call, or when the task's time is over. */
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Until `signal` is aborted. */
  readonly remainingMs: () => number;
}

/**
 * Gives the verb's output, whole: what of it travels is the caller's. Or throws what retry rules know by name:
 * `Engine.NotReady` (is called again with the same event), `Engine.Busy`, `Engine.Refused`, `Engine.JobFailed`, `Engine.JobTimeout`.
 */
export type CallEngine = (context: EngineContext) => Promise<Json>;

/** Ends the external jobs that an execution started, and tells what became of them. */
export type EndJobs = (
  event: CancelJobs,
  world: Pick<EngineContext, 'file' | 'clients' | 'nowMs'> & {
    readonly log: Log;
    /** Name of the table of the engines' ledger. */
    readonly table: string;
  },
) => Promise<JsonObject>;
