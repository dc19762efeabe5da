import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Json } from '../../base/json.ts';
import { namedError } from '../../runtime/named-error.ts';
import type { EngineCall } from './local-engine.ts';

/** How long a command that was told to end may take before it is killed. */
const GRACE_MS = 5_000;

/**
 * Runs a command in the project's folder in place of an engine. Its lines are the try's log; an exit code
 * other than 0 fails with `Process.ExitCode`, a signal with `Process.Killed`. The engine's arguments are in
 * TUTTI_ARGS as JSON; TUTTI_LOGICAL_DATE, TUTTI_INTERVAL_START and TUTTI_INTERVAL_END say which run it is.
 */
export async function runCommand(command: readonly string[], call: EngineCall): Promise<Json> {
  const [program = '', ...args] = command;
  const { context, place } = call;
  context.signal.throwIfAborted();
  const child = spawn(program, args, {
    cwd: place.root,
    env: { ...place.variables(), ...variablesOf(call) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what the command starts is ended with it.
    detached: process.platform !== 'win32',
  });
  const logs = [lines(child.stdout, context.log.info), lines(child.stderr, context.log.warn)];
  const stop = stopper(child);
  context.signal.addEventListener('abort', stop.begin, { once: true });
  try {
    const { code, signal } = await ended(child, program);
    await Promise.all(logs);
    context.signal.throwIfAborted();
    if (code === 0) return { exitCode: 0 };
    const name = code === null ? 'Process.Killed' : 'Process.ExitCode';
    throw namedError(name, `${command.join(' ')}: must exit with 0, got ${code ?? signal}`);
  } finally {
    context.signal.removeEventListener('abort', stop.begin);
    stop.end();
  }
}

function variablesOf({ args, context: { run }, task }: EngineCall): Readonly<Record<string, string>> {
  return {
    TUTTI_ARGS: JSON.stringify(args),
    TUTTI_DAG: run.dagId,
    TUTTI_TASK: task,
    TUTTI_RUN: run.runId,
    TUTTI_LOGICAL_DATE: run.logicalDate,
    TUTTI_INTERVAL_START: run.interval.start,
    TUTTI_INTERVAL_END: run.interval.end,
  };
}

async function lines(stream: Readable, log: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) log(line);
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function ended(child: ChildProcess, program: string): Promise<End> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(
        namedError(
          'Process.NotStarted',
          `${program}: must be a program that can be started, got ${cause.message}`,
          { cause },
        ),
      );
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** SIGTERM to the command and what it started, SIGKILL when that is not enough. */
function stopper(child: ChildProcess): { readonly begin: () => void; readonly end: () => void } {
  let timer: NodeJS.Timeout | undefined;
  // This process may be told to exit at once: nothing it started stays behind.
  const last = () => kill(child, 'SIGKILL');
  process.on('exit', last);
  return {
    begin() {
      kill(child, 'SIGTERM');
      timer = setTimeout(() => kill(child, 'SIGKILL'), GRACE_MS);
    },
    end() {
      clearTimeout(timer);
      process.off('exit', last);
    },
  };
}

function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}
