/** Child processes that end with this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Child {
  /** Asks the process to end, and ends it and whatever it started where it does not. */
  readonly stop: () => Promise<void>;
  /** Ends all of it at once: for what keeps nothing. */
  readonly kill: () => Promise<void>;
}

interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where its output goes. */
  readonly log: string;
  /** Answers any request once the process is ready. */
  readonly url: string;
}

const START_MS = 90_000;
const STOP_MS = 10_000;

/** Starts a server; resolves when it answers. @throws {Error} with the end of its log */
export async function start({ name, file, args, env, log, url }: Command): Promise<Child> {
  const output = openSync(log, 'w');
  // In a process group of its own, so that nothing that it starts outlives it.
  const child = spawn(file, args, { stdio: ['ignore', output, output], detached: true, env });
  closeSync(output);
  const kill = () => end(child);
  process.once('exit', kill);
  const stop = async () => {
    await ended(child);
    process.removeListener('exit', kill);
  };
  try {
    await answering(url, child);
  } catch (cause) {
    await stop();
    throw new Error(`${name} did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`, { cause });
  }
  return {
    stop,
    async kill() {
      process.removeListener('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return kill();
      const gone = once(child, 'exit');
      kill();
      await gone;
    },
  };
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('no free port');
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer !== undefined) return;
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if (Date.now() > until) throw new Error(`it did not answer for ${START_MS / 1000} s`);
    await sleep(100);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => end(child), STOP_MS);
    await gone;
    clearTimeout(late);
  }
  end(child);
}

/** Ends whatever is left of the child's process group. */
function end({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
