/** Outputs that travel beside the machine, as items of the run: `O#<task>[#<counter>…]`, with the attempt that wrote them. */
import type { JsonObject } from '../../base/json.ts';
import { TaskError } from '../../base/task-error.ts';
import type { RunInput, TaskEvent } from '../../model/run-input.ts';
import { type Recorder, recordersIn, recordKey, runsAgain, withRecords } from '../../runtime/recorded.ts';
import type { Fields, RunTable } from './run-table.ts';

/**
 * Records the wanted fields of a task's output.
 *
 * @throws {TaskError} `Dag.Superseded` where a later attempt has recorded: this one was given up, and nobody reads it
 */
export async function recordOutput(table: RunTable, event: TaskEvent, out: JsonObject): Promise<void> {
  const { execution, task } = event;
  const attempt = Number(execution.run.attempt);
  const item = {
    ...recordKey(execution, recorderOf(event)),
    out: JSON.stringify(out),
    attempt,
    ttl: Number(execution.run.expires),
  };
  if (await table.put(item, { field: 'attempt', is: attempt })) return;
  const text = `task "${task}": attempt ${attempt} was given up, a later one of this run has recorded`;
  throw new TaskError('Dag.Superseded', text);
}

/** `args` with what other tasks recorded put in. */
export async function withRecorded(table: RunTable, input: RunInput, args: JsonObject): Promise<JsonObject> {
  const asked = recordersIn(args);
  if (asked.length === 0) return args;
  const items = await table.get(asked.map((recorder) => recordKey(input, recorder)));
  const found = new Map(items.map((item) => [item.sk, item]));
  return withRecords(args, (recorder) => {
    const item = found.get(recordKey(input, recorder).sk);
    return item === undefined ? undefined : textOf(input, recorder, item);
  });
}

/**
 * What counts of an item: that of an earlier attempt only where its task does not run again. What has no attempt was
 * written by the machine or, for a rerun, by its launcher, which removes what does not count.
 */
function textOf({ run, rerun }: RunInput, { task }: Recorder, { attempt, out }: Fields): string | undefined {
  const isOfNow = attempt === undefined || attempt === Number(run.attempt);
  const isKept = rerun !== undefined && !runsAgain(rerun.tasks, task);
  return (isOfNow || isKept) && typeof out === 'string' ? out : undefined;
}

function recorderOf({ task, instance }: TaskEvent): Recorder {
  return instance === undefined ? { task } : { task, instance };
}
