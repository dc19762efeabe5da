/** How often both sides look. */
export const BEAT_MS = 500;

/** Under this symbol the watched thread has what is called while it is busy. */
export const WATCHDOG_HOOK = 'tutti.watchdog';

/** The thread's program, as text: it must be one script wherever this package is bundled to. */
export function threadSource(): string {
  return `(${watch.toString()})(${BEAT_MS}, ${JSON.stringify(WATCHDOG_HOOK)});`;
}

/**
 * Looks at the beats of the main thread; while they fail to come, calls its hook in the middle of whatever it does,
 * as a debugger would. Counts its own looks instead of reading a clock: a laptop that slept was not busy.
 *
 * @see https://nodejs.org/api/inspector.html#sessionconnecttomainthread
 */
function watch(beatMs: number, hook: string): void {
  const { workerData } = process.getBuiltinModule('node:worker_threads');
  const { Session } = process.getBuiltinModule('node:inspector');
  const beats = new Int32Array(workerData);
  let session: InstanceType<typeof Session> | undefined;
  let last = -1;
  let missed = 0;
  setInterval(() => {
    const beat = Atomics.load(beats, 0);
    missed = beat === last ? missed + 1 : 0;
    last = beat;
    if (missed < 4) {
      session?.disconnect();
      session = undefined;
      return;
    }
    if (session === undefined) {
      session = new Session();
      session.connectToMainThread();
    }
    const expression = `globalThis[Symbol.for("${hook}")]?.(${missed * beatMs})`;
    session.post('Runtime.evaluate', { expression });
  }, beatMs);
}
