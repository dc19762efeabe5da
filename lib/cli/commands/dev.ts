import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RefusedError } from '../../base/errors.ts';
import { systemClock } from '../../local/clock.ts';
import { devConsole } from '../dev/console.ts';
import { type ExitCode, exitCodeOf } from '../exit.ts';
import type { Context } from '../program.ts';
import { rootOf } from '../project.ts';

export interface DevOptions {
  readonly port: string;
  /** It was said, and not only left as it is by default. */
  readonly isPortGiven: boolean;
  /** Runs a DAG at the first start. */
  readonly sample: boolean;
  /** New DAGs start paused. */
  readonly paused?: boolean;
  /** Functions run in child processes. */
  readonly isolate?: boolean;
  /** One JSON document for whatever happens, a line each. */
  readonly json: boolean;
}

/** Gives back what loading left: a process that idles for days would else keep it, since it allocates too little to collect. */
function forgetLoading(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

/** Schedules and runs every DAG of the project until SIGINT or SIGTERM. */
export async function dev(context: Context, options: DevOptions): Promise<ExitCode> {
  const { terminal } = context;
  const port = Number(options.port);
  if (!/^\d+$/.test(options.port) || port > 65_535) {
    throw new RefusedError(
      'usage',
      `tutti dev › --port: must be a whole number from 0 to 65535, got "${options.port}"`,
    );
  }
  // Loading leaves tens of megabytes of garbage, which the process would keep for good in a young generation that grew.
  setFlagsFromString('--semi-space-growth-factor=1');
  const { DevSession } = await import('../dev/session.ts');
  const console = devConsole({ terminal, json: options.json, now: systemClock.now });
  const session = new DevSession({
    root: rootOf(context),
    terminal,
    console,
    port,
    orFree: !options.isPortGiven,
    sample: options.sample,
    pausedByDefault: options.paused === true,
    isolate: options.isolate === true,
    onReady: forgetLoading,
  });
  try {
    return await session.run();
  } catch (error) {
    if (!options.json || !(error instanceof RefusedError)) throw error;
    // A line, as all that it says.
    console.say('error', { code: error.code, message: error.message });
    console.warn(terminal.paint('red', error.message));
    return exitCodeOf(error);
  }
}
