/** The child's side: runs the body of one task of one try, and ends. */
import { asksOf } from '../../model/asks.ts';
import type { DagNode } from '../../model/dag.ts';
import { captureConsole, withConsole } from '../../runtime/captured-console.ts';
import { outputOf } from '../../runtime/outputs.ts';
import { taskErrorOf } from '../../runtime/task-error-of.ts';
import { lineText, taskLog } from '../../runtime/task-log.ts';
import { fnContext } from '../context/fn-context.ts';
import { systemPlatform } from '../platform.ts';
import { runInProcess } from '../run-task.ts';
import type { FromChild, ToChild } from './messages.ts';

/** Serves the run that started this process; `load` finds the DAG with its functions. Ends with the process's channel. */
export function serveTask(load: (dagId: string) => Promise<DagNode>): void {
  const stop = new AbortController();
  captureConsole();
  process.on('disconnect', () => process.exit(1));
  // A terminal's Ctrl-C reaches this process too: the run decides, and says so by `abort`.
  process.on('SIGINT', () => undefined);
  // Of a promise or a timer that the function left behind.
  process.on('uncaughtException', (thrown) => {
    const { error, causeText } = taskErrorOf(thrown);
    tellFailure('Dag.TaskCrashed', `an error that nobody waited for: ${error}, ${causeText}`, thrown);
  });
  process.on('message', (message: ToChild) => {
    if (message.kind === 'abort') stop.abort(new DOMException('the try was aborted', 'AbortError'));
    else void answer(load, message, stop.signal);
  });
  send({ kind: 'ready' });
}

type Order = Extract<ToChild, { readonly kind: 'run' }>;

async function answer(
  load: (dagId: string) => Promise<DagNode>,
  order: Order,
  signal: AbortSignal,
): Promise<void> {
  try {
    send({
      kind: 'done',
      output: outputOf(order.task, await bodyResult(await load(order.input.run.dagId), order, signal)),
    });
  } catch (thrown) {
    const { error, causeText } = taskErrorOf(thrown);
    tellFailure(error, causeText, thrown);
  }
}

function tellFailure(error: string, cause: string, thrown: unknown): void {
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  send({ kind: 'failed', error, cause, ...(stack === undefined ? {} : { stack }) });
}

function bodyResult(dag: DagNode, order: Order, signal: AbortSignal): unknown {
  const { input, args, root, filesFolder, environment } = order;
  const task = dag.tasks.find(({ id }) => id === order.task);
  if (task === undefined) throw new Error(`dag "${dag.id}": has no task "${order.task}"`);
  const { secret, variables, clock } = systemPlatform;
  const place = { root, filesFolder, environment, secret, variables };
  // Fields that are no JSON must not break the channel.
  const log = taskLog(clock.now, (line) => send({ kind: 'log', line: JSON.parse(lineText(line)) }));
  const { try: tryNumber, mapIndex } = order;
  const facts = { task: task.id, try: tryNumber, mapIndex, input, log, signal, asks: asksOf(dag) };
  const context = fnContext(place, facts);
  return withConsole(log, () => runInProcess({ dag, task, args, context, input, place }));
}

function send(message: FromChild): void {
  // The run may be gone already: then nobody listens, and this process is about to end.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
