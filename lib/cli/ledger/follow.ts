/** Shows runs of the ledger until they have ended, whoever executes them. */
import { isFinal, keyOfRun, type Run, type RunKey } from '../../model/run.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { liveProgress } from '../live-progress.ts';
import { type NextTry, plainProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { count } from '../words.ts';
import type { Seen } from './ledger.ts';
import { runName, runStateText, tookText, whyText } from './run-text.ts';
import { taskRunsOf } from './task-runs.ts';
import { nextTryText, WaitTeller } from './tell-waits.ts';

export interface Following {
  readonly ledger: Seen;
  readonly terminal: Terminal;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Shows one run, task by task, until it ended or the signal says so; gives the run as it is then. */
export async function followRun(
  key: RunKey,
  { ledger, terminal, signal }: Following,
): Promise<Run | undefined> {
  const { store, clock } = ledger;
  let run = await store.runs.get(key);
  if (run === undefined) return undefined;
  const version = await store.dags.version(run.dagId, run.version);
  if (version === undefined) return run;
  const nextTry: NextTry = ({ id, tries }) => nextTryText(version.dag, id, tries);
  const view = terminal.live
    ? liveProgress(version.manifest, terminal, [], nextTry)
    : plainProgress(terminal, [], nextTry);
  const tasks = async (of: Run) => taskRunsOf(version.manifest, of, await store.taskRuns.list(key));
  // On every way out, a killed one too, the cursor comes back.
  let shown = await tasks(run);
  const end = () => view.end(shown, clock.now());
  process.once('exit', end);
  try {
    while (!isFinal(run.state) && (await waits(ledger, signal))) {
      run = (await store.runs.get(key)) ?? run;
      shown = await tasks(run);
      if (!signal.aborted) view.update(shown, clock.now());
    }
    return run;
  } finally {
    process.removeListener('exit', end);
    end();
  }
}

/** Says of each run when it has ended, and at a terminal how many there are yet; gives the runs as they are then. */
export async function followRuns(
  runs: readonly Run[],
  { ledger, terminal, signal }: Following,
): Promise<readonly Run[]> {
  const { store, clock } = ledger;
  const now = new Map(runs.map((run) => [`${run.dagId} ${run.id}`, run]));
  // Some may have ended before anybody looked: they are told, too.
  const open = new Map(now);
  const waiting = new WaitTeller(ledger, terminal);
  for (;;) {
    for (const [name, run] of open) {
      const found = (await store.runs.get(keyOfRun(run))) ?? run;
      now.set(name, found);
      if (!isFinal(found.state)) continue;
      open.delete(name);
      terminal.print(endLine(found, terminal, clock.now()));
    }
    await waiting.look([...open.keys()].flatMap((name) => now.get(name) ?? []));
    status(terminal, open.size);
    if (open.size === 0 || !(await waits(ledger, signal))) break;
    status(terminal, 0);
  }
  return [...now.values()];
}

/** `✓ success  sales 2026-01-05T01:00:00Z in 1.2s`, of a failed one why. */
export function endLine(run: Run, terminal: Pick<Terminal, 'paint'>, nowMs: number): string {
  const took = tookText(run, nowMs);
  const why = whyText(run);
  return `${runStateText(run, terminal)}  ${runName(run)}${took === '' ? '' : ` in ${took}`}${why === '' ? '' : `  ${terminal.paint('red', why)}`}`;
}

/** What the shell is told: the worst of them. */
export function exitCodeOfRuns(runs: readonly Pick<Run, 'state' | 'error'>[]): ExitCode {
  if (runs.some(({ state, error }) => state === 'failed' && error !== 'States.Timeout')) return EXIT.failed;
  if (runs.some(({ state }) => state === 'failed')) return EXIT.timedOut;
  return runs.some(({ state }) => state !== 'success') ? EXIT.interrupted : EXIT.ok;
}

/** A line that is written over by the next one. */
function status(terminal: Terminal, left: number): void {
  if (!terminal.live) return;
  terminal.write(
    left === 0 ? '\r\u001b[K' : `\r\u001b[K${terminal.paint('gray', `${count(left, 'run')} to go`)}`,
  );
}

/** False where the signal came first. */
async function waits({ clock, lookMs }: Seen, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.until(clock.now() + lookMs, signal);
    return true;
  } catch {
    return false;
  }
}
