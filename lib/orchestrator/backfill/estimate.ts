/** What runs would take: transitions, what they cost, and time. */
import type { KnownDag } from '../known.ts';
import type { World } from '../ports.ts';

export interface Estimate {
  /** State transitions of all runs. */
  readonly transitions: number;
  /** What Step Functions asks for them. */
  readonly dollars: number;
  /** Until the last run has ended. Absent where no run has succeeded yet. */
  readonly seconds?: number;
  /** By the newest runs that succeeded, else by the states of the machine. */
  readonly by: 'past runs' | 'definition';
}

/**
 * Dollars of one transition.
 *
 * @see https://aws.amazon.com/step-functions/pricing/ standard workflows, $0.025 per 1,000
 */
const DOLLARS = 0.000_025;

/** How many past runs it is judged by. */
const LOOKED_AT = 20;

export async function estimateOf(
  world: World,
  { head, version }: KnownDag,
  { runs, maxActiveRuns }: { readonly runs: number; readonly maxActiveRuns: number },
): Promise<Estimate> {
  const query = { dagId: head.dagId, states: ['success'], limit: LOOKED_AT } as const;
  // An attempt of some tasks says little of a whole run.
  const past = (await world.store.runs.list(query)).items.filter(({ again }) => again === undefined);
  const transitions = past.flatMap((run) => run.transitions ?? []);
  const lengths = past.flatMap(({ startedAt, endedAt }) =>
    startedAt === undefined || endedAt === undefined
      ? []
      : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
  );
  const perRun = mean(transitions) ?? Object.keys(version.manifest.states).length;
  const all = Math.round(perRun * runs);
  const length = mean(lengths);
  return {
    transitions: all,
    dollars: Number((all * DOLLARS).toFixed(6)),
    ...(length === undefined ? {} : { seconds: Math.round(length * Math.ceil(runs / maxActiveRuns)) }),
    by: transitions.length > 0 ? 'past runs' : 'definition',
  };
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
