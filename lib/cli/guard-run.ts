import { closeSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StartedRun } from '../local/run.ts';
import { type Busy, type Watchdog, watchdog } from '../local/watchdog.ts';
import { EXIT } from './exit.ts';
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
    run?.abandon(text);
    terminal.json({ error: { code: 'timed-out', message: text } });
    terminal.warn(terminal.paint('red', text));
    // The thread that watches is a debugger to Node, which would say that it waits for it.
    process.once('exit', () => closeSync(process.stderr.fd));
    process.exit(EXIT.timedOut);
  };
  return {
    watch: (started) => {
      run = started;
    },
    ...watchdog({
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
    }),
  };
}

const REMEDY = 'run it with --isolate, where it is one failed try and other tasks go on';

function where({ dag, task }: Busy): string {
  return `dag "${dag}" › task "${task}" › fn`;
}

function place({ at }: Busy): string {
  if (at === undefined) return '';
  return `, at ${relative('.', at.startsWith('file:') ? fileURLToPath(at) : at)}`;
}
