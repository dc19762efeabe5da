/** Runs of DAGs that are there to be tried: started, and followed to their end. */
import type { Clock } from '../../base/clock.ts';
import { isFinal, keyOfRun, type Run } from '../../model/run.ts';
import type { Ledger } from '../ledger/ledger.ts';

export interface Canary {
  readonly dagId: string;
  readonly runId: string;
  /** As it was last seen. */
  readonly state: Run['state'];
  readonly seconds: number;
  readonly error?: string;
}

/** Longest that one is waited for. */
const MOST_MS = 30 * 60_000;

/** Starts a run of each and waits for all of them; who takes too long is told as it is then. */
export async function runCanaries(
  { acts, store, clock, lookMs }: Pick<Ledger, 'acts' | 'store' | 'clock' | 'lookMs'>,
  dagIds: readonly string[],
  signal: AbortSignal,
): Promise<readonly Canary[]> {
  return Promise.all(
    dagIds.map(async (dagId) => {
      const { run } = await acts.trigger({ dagId, now: true, note: 'tutti smoke' });
      const startMs = clock.now();
      const look = async () => (await store.runs.get(keyOfRun(run))) ?? run;
      const last = await ended(look, { clock, lookMs, untilMs: startMs + MOST_MS, signal });
      return {
        dagId,
        runId: run.id,
        state: last.state,
        seconds: Math.round((clock.now() - startMs) / 1000),
        ...(last.error === undefined ? {} : { error: last.error }),
      };
    }),
  );
}

interface Following {
  readonly clock: Clock;
  readonly lookMs: number;
  readonly untilMs: number;
  readonly signal: AbortSignal;
}

async function ended(look: () => Promise<Run>, { clock, lookMs, untilMs, signal }: Following): Promise<Run> {
  let run = await look();
  while (!isFinal(run.state) && clock.now() < untilMs) {
    await clock.until(clock.now() + lookMs, signal);
    run = await look();
  }
  return run;
}
