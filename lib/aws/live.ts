/** How far executions are, read from Step Functions for whoever looks: seldom, for an account has few such calls. */
import type { ProgressReader } from '../api/progress.ts';
import type { Clock } from '../base/clock.ts';
import { RecentMap } from '../base/recent-map.ts';
import type { DagVersion } from '../model/dag-version.ts';
import type { Run } from '../model/run.ts';
import type { Projection } from '../orchestrator/projection.ts';
import { executionArnOf } from './executions.ts';
import type { Sfn } from './history-page.ts';
import { machineOf } from './launcher.ts';
import { progressFrom } from './recorder.ts';
import { GetExecutionHistoryCommand } from './signed/commands.ts';

export interface LivePlace {
  readonly sfn: Sfn;
  readonly clock: Clock;
  readonly versionOf: (dagId: string, hash: string) => Promise<DagVersion | undefined>;
  /** Is told why a history could not be read; the ledger's word is then given. */
  readonly onError: (error: unknown) => void;
}

/** How old an answer may be. */
const FRESH_MS = 5_000;
/**
 * Calls of this process a second; the account's 20 are the recorder's.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html GetExecutionHistory
 */
const CALLS_A_SECOND = 5;
/** Longest wait for one reply: then what was read before is given. */
const MOST_WAIT_MS = 3_000;
/** Most runs that are remembered. */
const MOST_RUNS = 200;

interface Look {
  readonly atMs: number;
  readonly projection: Promise<Projection | undefined>;
}

/** Of runs under way only: what is over is in the ledger. */
export function liveProgress(place: LivePlace): ProgressReader {
  const { clock } = place;
  const looks = new RecentMap<string, Look>(MOST_RUNS);
  const budget = new Budget(clock);
  return {
    async of(run) {
      if (run.state !== 'running' || run.execution === undefined) return undefined;
      const known = looks.get(run.execution);
      if (known !== undefined && clock.now() - known.atMs < FRESH_MS) return known.projection;
      // A reply that cannot be had soon is no better than the last one.
      if (!budget.has()) return known?.projection;
      const projection = read(place, budget, run).catch((error: unknown) => {
        place.onError(error);
        return known?.projection;
      });
      looks.set(run.execution, { atMs: clock.now(), projection });
      return projection;
    },
  };
}

async function read(
  { sfn, versionOf }: LivePlace,
  budget: Budget,
  run: Run,
): Promise<Projection | undefined> {
  const version = await versionOf(run.dagId, run.version);
  if (version?.deployment === undefined || run.execution === undefined) return undefined;
  const arn = executionArnOf(machineOf(run, version.deployment), run.execution);
  return progressFrom({ sfn: budgeted(sfn, budget) }, { arn, run, version });
}

/** Each page of a history is a call. */
function budgeted(sfn: Sfn, budget: Budget): Sfn {
  return {
    async send(command) {
      if (command instanceof GetExecutionHistoryCommand) await budget.take();
      return sfn.send(command);
    },
  };
}

/** So many calls in any second. */
class Budget {
  readonly #clock: Clock;
  /** When each of the last calls was, or will be. */
  #calls: readonly number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a call may be made soon. */
  has(): boolean {
    return this.#nextMs() <= this.#clock.now() + MOST_WAIT_MS;
  }

  /** Waits for its turn. @throws {Error} where that is too long */
  async take(): Promise<void> {
    const atMs = this.#nextMs();
    if (atMs > this.#clock.now() + MOST_WAIT_MS)
      throw new Error(
        `history › must be read within ${CALLS_A_SECOND} calls a second, got more; it is read later`,
      );
    this.#calls = [...this.#calls, atMs].slice(-CALLS_A_SECOND);
    if (atMs > this.#clock.now()) await this.#clock.until(atMs);
  }

  #nextMs(): number {
    const first = this.#calls.length < CALLS_A_SECOND ? undefined : this.#calls[0];
    return first === undefined ? this.#clock.now() : Math.max(this.#clock.now(), first + 1_000);
  }
}
