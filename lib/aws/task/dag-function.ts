/** A DAG's own function: runs tries of its tasks, and ends the external jobs of its runs. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Json } from '../../base/json.ts';
import { TaskError } from '../../base/task-error.ts';
import type { CancelJobs } from '../../deployment/events.ts';
import type { DagFile } from '../../deployment/files.ts';
import { tableName } from '../../deployment/names.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import type { TaskNode } from '../../model/task.ts';
import { captureConsole } from '../../runtime/captured-console.ts';
import { logEnd } from '../../runtime/log-end.ts';
import type { AwsAccess } from '../signed/call.ts';
import type { Clients } from '../signed/clients.ts';
import { authorStack } from './author-stack.ts';
import { bucket } from './bucket.ts';
import type { CallEngine, EndJobs } from './engine-call.ts';
import { checkedEvent } from './event.ts';
import { bucketFiles } from './files.ts';
import { lookFailed, numbered } from './looks.ts';
import { Redaction } from './redaction.ts';
import { reported, toldErrorOf } from './reported.ts';
import { type RunTable, runTable } from './run-table.ts';
import { replyOf } from './run-try.ts';
import { Secrets } from './secrets.ts';
import { timeLimit } from './time-limit.ts';
import { openTryLog, type TryLog } from './try-log.ts';

export interface DagWorld {
  readonly dag: DagNode;
  readonly file: DagFile;
  readonly access: AwsAccess;
  readonly clients: Clients;
  readonly callEngine: CallEngine;
  readonly endJobs: EndJobs;
  readonly nowMs: () => number;
  /** Writes one line of a log. */
  readonly write: (line: string) => void;
  /** A folder of this machine that may be written: `/tmp`. */
  readonly folder: string;
}

export interface Invocation {
  /** Until Lambda ends the call. */
  readonly remainingMs: () => number;
}

/** Answers one call; what it throws has the name and the text that the machine is to see. */
export type DagFunction = (sent: unknown, invocation: Invocation) => Promise<Json>;

/** What lives as long as the function does. */
interface Desk extends DagWorld {
  readonly redaction: Redaction;
  readonly secrets: Secrets;
  readonly tasks: ReadonlyMap<string, TaskNode>;
}

export function dagFunction(world: DagWorld): DagFunction {
  const redaction = new Redaction();
  const secrets = new Secrets({ ...world, redaction });
  const desk = {
    ...world,
    redaction,
    secrets,
    tasks: new Map(world.dag.tasks.map((task) => [task.id, task])),
  };
  return async (sent, invocation) => {
    try {
      const event = checkedEvent(world.dag.id, sent);
      return isCancel(event) ? await cancelled(desk, event) : await tried(desk, event, invocation);
    } catch (thrown) {
      throw reported(toldErrorOf(thrown), thrown, redaction);
    }
  };
}

function isCancel(event: TaskEvent | CancelJobs): event is CancelJobs {
  return 'kind' in event && event['kind'] === 'cancel';
}

async function tried(desk: Desk, sent: TaskEvent, { remainingMs }: Invocation): Promise<Json> {
  const task = desk.tasks.get(sent.task);
  if (task === undefined)
    throw new TaskError('Dag.UnknownTask', `dag "${desk.dag.id}": has no task "${sent.task}"`);
  const limit = timeLimit({ task, nowMs: desk.nowMs, lambdaMs: remainingMs() });
  const restore = captureConsole();
  try {
    const table = runTable(desk.access, sent.execution.run.table, limit.signal);
    const event = await numbered(table, sent);
    return await logged(desk, { task, event, table, limit });
  } finally {
    restore();
    limit.clear();
  }
}

interface Current {
  readonly task: TaskNode;
  readonly event: TaskEvent;
  readonly table: RunTable;
  readonly limit: ReturnType<typeof timeLimit>;
}

async function logged(desk: Desk, current: Current): Promise<Json> {
  const { event } = current;
  const { log, close } = openTryLog(event, desk);
  try {
    return await withFiles(desk, current, log);
  } catch (thrown) {
    const error = toldErrorOf(thrown);
    logEnd(log, error, thrown, authorStack);
    await failed(desk, event, error);
    throw thrown;
  } finally {
    close();
  }
}

async function withFiles(desk: Desk, current: Current, log: TryLog['log']): Promise<Json> {
  const { signal } = current.limit;
  const objects = bucket(desk.access, desk.file.bucket, signal);
  const { files, close } = bucketFiles(objects, join(desk.folder, 'tutti', randomUUID()));
  try {
    return await replyOf({ ...desk, ...current, ...current.limit, objects, files, log });
  } finally {
    await close();
  }
}

/** Time enough to note a failure, milliseconds: the try's own is over, perhaps. */
const NOTE_MS = 800;

async function failed({ access, secrets }: Desk, event: TaskEvent, { error }: TaskError): Promise<void> {
  // What is kept was perhaps changed since.
  if (error === 'Http.401' || error === 'Http.403') secrets.forget();
  const table = runTable(access, event.execution.run.table, AbortSignal.timeout(NOTE_MS));
  // The number of a sensor's next try is not worth the error itself.
  await lookFailed(table, event, error).catch(() => undefined);
}

/** What ending jobs says of itself, as a line like those of tries. */
async function cancelled(desk: Desk, event: CancelJobs): Promise<Json> {
  const { file, clients, nowMs, redaction, write } = desk;
  const at = (level: string) => (message: string, fields?: object) =>
    write(
      JSON.stringify({
        dag: event.dagId,
        run: event.runId,
        attempt: String(event.attempt),
        at: new Date(nowMs()).toISOString(),
        level,
        message: redaction.text(message),
        ...(fields === undefined ? {} : { fields: redaction.json(fields) }),
      }),
    );
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return desk.endJobs(event, { file, clients, nowMs, log, table: tableName(file.environment) });
}
