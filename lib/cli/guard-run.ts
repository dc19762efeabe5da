import { closeSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StartedRun } from '../local/run.ts';
import { type Busy, type Watchdog, watchdog } from '../local/watchdog.ts';
import { EXIT } from './exit.ts';
import { authorFrames } from './frames.ts';
import type { Interrupt } from './interrupt.ts';
import type { Terminal } from './terminal.ts';

/** From when on a person is told what keeps the process busy. */
const WARN_MS = 30_000;

export interface Guard extends Watchdog {
  /** The run that is guarded, once it has begun. */
  readonly watch: (run: StartedRun) => void;
}

/**
 * Guards a run whose functions are in this process. One that never gives the process back cannot be ended alone: past
 * its timeout the run is recorded as failed and the process ends. Meanwhile Ctrl-C, which nobody here could hear, ends
 * the process too.
 */
export function guardRun(terminal: Terminal, interrupt: Interrupt): Guard {
  let run: StartedRun | undefined;
  let warned = false;
  const end = (busy: Busy) => {
    const text = `${where(busy)}: must end within its timeout of ${busy.timeout} s, got a function that never gives the process back${place(busy)}; ${REMEDY}`;
    run?.abandon('States.Timeout', text);
    terminal.json({ error: { code: 'timed-out', message: text } });
    terminal.warn(terminal.paint('red', text));
    // The thread that watches is a debugger to Node, which would say that it waits for it.
    process.once('exit', () => closeSync(process.stderr.fd));
    process.exit(EXIT.timedOut);
  };
  const crash = (thrown: unknown) => {
    const text = crashText(thrown, run?.input.run.dagId ?? '');
    run?.abandon('Dag.RunCrashed', text);
    terminal.json({ error: { code: 'crashed', message: text } });
    terminal.warn(terminal.paint('red', text));
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', crash);
  const dog = watchdog({
    onBusy: (busy) => {
      interrupt.pause();
      if (busy.overdue) end(busy);
      if (warned || busy.busyMs < WARN_MS) return;
      warned = true;
      terminal.warn(
        `${where(busy)}: should give the process back while it works, got ${busy.busyMs / 1000} s in which no other task had a turn${place(busy)}; ${REMEDY}`,
      );
    },
    onFree: interrupt.resume,
  });
  return {
    watch: (started) => {
      run = started;
    },
    ...dog,
    close: () => {
      process.off('uncaughtException', crash);
      dog.close();
    },
  };
}

/** Of an error that no try can have: it came when nobody waited for it. */
function crashText(thrown: unknown, dag: string): string {
  const { message, stack = '' } = thrown instanceof Error ? thrown : { message: String(thrown) };
  const [frame] = authorFrames(stack);
  if (frame === undefined)
    return `tutti › internal error: this is a mistake of tutti, not yours\n${stack || message}`;
  return `dag "${dag}" › fn: must wait for what it starts, got an error that nobody waited for: ${message}, ${shownFrame(frame)}; await it, or ${REMEDY}`;
}

/** `at load (/home/me/pipelines/sales.ts:4:17)` → `at pipelines/sales.ts:4:17`. */
function shownFrame(frame: string): string {
  const [, file = frame] = /\(?([^\s(]+:\d+:\d+)\)?$/.exec(frame) ?? [];
  return `at ${relative('.', file.startsWith('file:') ? fileURLToPath(file) : file)}`;
}

const REMEDY = 'run it with --isolate, where it is one failed try and other tasks go on';

function where({ dag, task }: Busy): string {
  return `dag "${dag}" › task "${task}" › fn`;
}

function place({ at }: Busy): string {
  if (at === undefined) return '';
  return `, at ${relative('.', at.startsWith('file:') ? fileURLToPath(at) : at)}`;
}
