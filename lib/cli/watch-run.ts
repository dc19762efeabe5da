import { systemClock } from '../local/clock.ts';
import type { StartedRun } from '../local/run.ts';
import { liveProgress } from './live-progress.ts';
import { plainProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** How often the terminal is redrawn, and how often plain lines are looked for. */
const LIVE_MS = 100;
const PLAIN_MS = 250;

/** Most of the time that showing may take: maps have thousands of instances. */
const SHARE = 0.05;

/** Shows a run until the result is called: at intervals, because a run may have thousands of events a second. */
export function watchRun(run: StartedRun, terminal: Terminal): () => void {
  const { manifest, simulated } = run;
  const view = terminal.live
    ? liveProgress(manifest, terminal, simulated)
    : plainProgress(terminal, simulated);
  const everyMs = terminal.live ? LIVE_MS : PLAIN_MS;
  const show = () => {
    const startMs = systemClock.now();
    view.update(run.projector.tasks(), startMs);
    timer = setTimeout(show, Math.max(everyMs, (systemClock.now() - startMs) / SHARE));
  };
  let timer = setTimeout(show, everyMs);
  // On every way out, a killed one too, the cursor comes back.
  const end = () => view.end(run.projector.tasks(), systemClock.now());
  process.once('exit', end);
  return () => {
    clearTimeout(timer);
    process.removeListener('exit', end);
    end();
  };
}
