/** Functions in child processes: a crash or an endless loop of user code is one failed try. */
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { TaskError } from '../../interpreter/resource.ts';
import type { BodyCall, RunBody } from '../run-task.ts';
import type { FromChild, ToChild } from './messages.ts';

export interface ChildOptions {
  /** The module a child starts with; it calls `serveTask`. */
  readonly module: string;
  /** Its arguments. @default [] */
  readonly args?: readonly string[];
}

/** How long an aborted function may take to end by itself, before its process is killed. */
const GRACE_MS = 300;

/** Runs every body in a process of its own, which ends with the try. `close` ends those that still run. */
export function childBodies(options: ChildOptions): {
  readonly runBody: RunBody;
  readonly close: () => Promise<void>;
} {
  const children = new Set<ChildProcess>();
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  process.on('exit', killAll);
  return {
    runBody(call) {
      const child = fork(options.module, [...(options.args ?? [])], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      children.add(child);
      child.once('close', () => children.delete(child));
      return bodyIn(child, call);
    },
    async close() {
      process.off('exit', killAll);
      killAll();
      await Promise.all([...children].map((child) => new Promise((resolve) => child.once('close', resolve))));
    },
  };
}

async function bodyIn(child: ChildProcess, call: BodyCall): Promise<unknown> {
  const { log, signal } = call.context;
  const printed = [lines(child.stdout, log.info), lines(child.stderr, log.warn)];
  const stop = stopper(child);
  signal.addEventListener('abort', stop.begin, { once: true });
  try {
    return await answerOf(child, call, () => Promise.all(printed));
  } finally {
    signal.removeEventListener('abort', stop.begin);
    // What it left running must not outlive the try.
    if (!signal.aborted) child.kill('SIGKILL');
  }
}

function answerOf(child: ChildProcess, call: BodyCall, drained: () => Promise<unknown>): Promise<unknown> {
  const { task, context } = call;
  return new Promise<unknown>((resolve, reject) => {
    child.on('message', (message: FromChild) => {
      if (message.kind === 'ready') send(child, orderOf(call));
      else if (message.kind === 'log')
        context.log[message.line.level](message.line.message, message.line.fields);
      else if (message.kind === 'done') resolve(message.output);
      else reject(new TaskError(message.error, message.cause, { cause: message.stack }));
    });
    child.once('error', (cause) => reject(crashed(task.id, cause.message, cause)));
    child.once('close', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      drained().then(
        () => reject(crashed(task.id, `its process ended with ${how} before it answered`)),
        reject,
      );
    });
  });
}

function orderOf({ task, args, input, context, place }: BodyCall): ToChild {
  const { root, filesFolder, environment } = place;
  const { try: tryNumber, mapIndex } = context.run;
  const facts = { task: task.id, try: tryNumber, mapIndex };
  return { kind: 'run', ...facts, args, input, root, filesFolder, environment };
}

function crashed(task: string, what: string, cause?: unknown): TaskError {
  return new TaskError('Dag.TaskCrashed', `task "${task}": ${what}`, { cause });
}

function stopper(child: ChildProcess): { readonly begin: () => void } {
  return {
    begin() {
      send(child, { kind: 'abort' });
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      child.once('exit', () => clearTimeout(timer));
    },
  };
}

function send(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message, () => undefined);
}

async function lines(stream: Readable | null, log: (line: string) => void): Promise<void> {
  if (stream === null) return;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) log(line);
}
