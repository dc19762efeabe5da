/** Runs of DAGs that are there to be tried: started, and followed to their end. */
import type { Clock } from '../../base/clock.ts';
import { RefusedError } from '../../base/errors.ts';
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

/** What of a ledger is needed here. */
type CanaryLedger = Pick<Ledger, 'store' | 'clock' | 'lookMs' | 'suffix'> & {
  readonly acts: Pick<Ledger['acts'], 'trigger'>;
};

/** Longest that one is waited for. */
const MOST_MS = 30 * 60_000;

/**
 * Starts a run of each and waits for all of them; who takes too long is told as it is then.
 *
 * @throws {RefusedError} `interrupted` once `signal` is aborted
 */
export async function runCanaries(
  { acts, store, clock, lookMs, suffix }: CanaryLedger,
  dagIds: readonly string[],
  signal: AbortSignal,
): Promise<readonly Canary[]> {
  return Promise.all(
    dagIds.map(async (dagId) => {
      const { run } = await acts.trigger({ dagId, now: true, note: 'tutti smoke' });
      const startMs = clock.now();
      const look = async () => (await store.runs.get(keyOfRun(run))) ?? run;
      const following = { clock, lookMs, untilMs: startMs + MOST_MS, signal };
      const last = await ended(look, following).catch((error: unknown) => {
        throw signal.aborted ? left(run, suffix) : error;
      });
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

function left({ dagId, id }: Run, suffix: string): RefusedError {
  return new RefusedError(
    'interrupted',
    `tutti smoke › run: must end before the rest is tried, got Ctrl-C; it goes on, to see it: tutti runs watch ${dagId} ${id}${suffix}`,
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
