/** One try of one task: its values come, its function or engine does its work, its reply goes. */
import type { Json, JsonObject } from '../../base/json.ts';
import type { DagFile } from '../../deployment/files.ts';
import type { Files, FnContext, Log } from '../../model/context.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskEvent, TaskReply } from '../../model/run-input.ts';
import type { TaskNode } from '../../model/task.ts';
import { callBody } from '../../runtime/body.ts';
import { withConsole } from '../../runtime/captured-console.ts';
import { carriedOf, outputOf } from '../../runtime/outputs.ts';
import { verdictOf } from '../../runtime/verdict.ts';
import { isThenable, startWork, untilAborted, type Ways } from '../../runtime/work.ts';
import type { Clients } from '../signed/clients.ts';
import { ask } from './ask.ts';
import type { Bucket } from './bucket.ts';
import { awsContext } from './context.ts';
import type { CallEngine } from './engine-call.ts';
import { recordOutput, withRecorded } from './records.ts';
import type { RunTable } from './run-table.ts';
import type { Secrets } from './secrets.ts';
import { keepValues, referAt, withKept } from './values.ts';

export interface Try {
  readonly dag: DagNode;
  readonly file: DagFile;
  readonly task: TaskNode;
  readonly event: TaskEvent;
  readonly table: RunTable;
  readonly objects: Bucket;
  readonly files: Files;
  readonly secrets: Secrets;
  readonly clients: Clients;
  readonly callEngine: CallEngine;
  readonly log: Log;
  /** Aborted when the try's time is over. */
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly nowMs: () => number;
}

/** What the machine is answered; nothing where it waits: the answer goes to the event's token. */
export async function replyOf(current: Try): Promise<TaskReply> {
  const { task, event, log, signal, table, nowMs } = current;
  const args = await givenArgs(current);
  if (task.call.kind === 'approve') {
    const question = await ask(table, { event, args, nowMs: nowMs() });
    log.info(`asks: ${question.message}`, { choices: question.choices });
    return {};
  }
  const context = awsContext(current);
  const ways = waysOf(current, { args, context });
  const { token, engine } = event;
  if (token !== undefined && engine !== undefined) {
    // A wait for a run of another DAG: whoever is told of it answers.
    await untilAborted(ways.engine({ engine, args }, []), signal);
    return {};
  }
  const work = withConsole(log, () => startWork({ task, event, args }, ways));
  const output = outputOf(task.id, isThenable(work) ? await untilAborted(work, signal) : work);
  const verdict = verdictOf(task, output);
  const { out, kept } = carriedOf(event, output, referAt(event.execution));
  await keepValues(current.objects, kept);
  if (event.record === true) await recordOutput(table, event, out);
  return { out, ...verdict };
}

/** The call's arguments with what was recorded or kept elsewhere put in. */
async function givenArgs({ event, table, objects }: Try): Promise<JsonObject> {
  const { args, execution } = event;
  if (args === undefined) return {};
  return withKept(objects, execution.run.dagId, await withRecorded(table, execution, args));
}

function waysOf(
  current: Try,
  { args, context }: { readonly args: JsonObject; readonly context: FnContext },
): Ways {
  const { dag, task, callEngine, nowMs } = current;
  const engine: Ways['engine'] = ({ engine: verb, connection, args: given }, want): Promise<Json> =>
    callEngine({
      ...current,
      call: { engine: verb, ...(connection === undefined ? {} : { connection }) },
      args: given,
      want,
      context,
    });
  return { body: () => callBody({ dag, task, args, context }), engine, nowMs };
}
