import { EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** What Ctrl-C does while a run goes on. */
export interface Interrupt {
  /** Aborted by the first one. */
  readonly signal: AbortSignal;
  /** Gives Ctrl-C back to the process while nobody here can hear it: it then ends at once. */
  readonly pause: () => void;
  /** Hears again. */
  readonly resume: () => void;
  /** Gives Ctrl-C back to the process. */
  readonly release: () => void;
}

/** The first Ctrl-C cancels, which `text` says; the second one ends the process. */
export function catchInterrupt(
  terminal: Terminal,
  text = 'cancelling: tasks are aborted; Ctrl-C again ends at once',
): Interrupt {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    terminal.warn(text);
    controller.abort(new Error('cancelled by Ctrl-C'));
  };
  const pause = () => {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  };
  const resume = () => {
    pause();
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  };
  resume();
  return { signal: controller.signal, pause, resume, release: pause };
}
