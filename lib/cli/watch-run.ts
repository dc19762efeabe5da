import type { Projector } from '../history/project.ts';
import { systemClock } from '../local/clock.ts';
import type { StartedRun } from '../local/run.ts';
import { liveProgress } from './live-progress.ts';
import { plainProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** How often the terminal is redrawn, and how often plain lines are looked for. */
const LIVE_MS = 100;
const PLAIN_MS = 250;

/** Shows a run until the result is called: at intervals, because a run may have thousands of events a second. */
export function watchRun(run: StartedRun, terminal: Terminal): () => void {
  const { manifest, simulated } = run;
  const view = terminal.live
    ? liveProgress(manifest, terminal, simulated)
    : plainProgress(terminal, simulated);
  const show = (projector: Projector) => view.update(projector.tasks(), systemClock.now());
  const timer = setInterval(() => show(run.projector), terminal.live ? LIVE_MS : PLAIN_MS);
  // On every way out, a killed one too, the cursor comes back.
  const end = () => view.end(run.projector.tasks(), systemClock.now());
  process.once('exit', end);
  return () => {
    clearInterval(timer);
    process.removeListener('exit', end);
    end();
  };
}
