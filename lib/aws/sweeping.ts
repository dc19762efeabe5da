/** The sweep on AWS: the orchestrator's own, and what only this place can have left behind. */
import { isObject, type Json } from '../base/json.ts';
import { isFinal } from '../model/run.ts';
import { pruneRuns } from '../orchestrator/prune.ts';
import { type SweepResult, sweep } from '../orchestrator/sweep.ts';
import { settleEnded } from './ended.ts';
import { lookAfterPools } from './pools-of-runs.ts';
import type { AwsWorld } from './world.ts';

const SWEEPER = { name: 'sweep', via: 'scheduler' } as const;

/** How far ended runs were looked at, kept among the answers that are given once. */
const CURSOR = 'ended cursor';
const FOR_EVER_MS = Date.UTC(9999, 0);
const DAY_MS = 86_400_000;

/** Runs of one look. */
const AT_ONCE = 200;

export interface Swept extends SweepResult {
  /** Parts that there was no time for: the next sweep does them. */
  readonly left: readonly string[];
}

/** Thrown once a sweep has done all that it could: failing is how its alarm hears of what it could not. */
export class SweepProblems extends Error {
  override readonly name = 'SweepProblems';

  constructor(problems: readonly string[]) {
    const some = problems.slice(0, MOST_TOLD).map((problem) => problem.slice(0, LONGEST_TOLD));
    const others = problems.length - some.length;
    super(
      `sweep: must find nothing that it cannot mend, got ${problems.length}: ${some.join(' · ')}${others > 0 ? ` · and ${others} more` : ''}; the log has each in full, and the next sweep tries again`,
    );
  }
}

/** Problems that an error names, and characters of each. */
const [MOST_TOLD, LONGEST_TOLD] = [10, 300];

/** Of a sweep and of its looks at DAGs, each once. */
export function problemsOf({ problems, ticks }: SweepResult): readonly string[] {
  return [...new Set([...problems, ...ticks.flatMap((tick) => tick.problems)])];
}

/** @param hasTime whether there is time for another part */
export async function sweepHere(world: AwsWorld, hasTime: () => boolean): Promise<Swept> {
  const result = await sweep(world, { hasTime });
  const problems = [...result.problems];
  const left: string[] = [];
  const parts: readonly (readonly [name: string, work: () => Promise<unknown>])[] = [
    ['ended runs', () => settleChanged(world, hasTime)],
    ['pools', () => lookAfterPools(world)],
    ['retention', () => pruneDaily(world)],
  ];
  for (const [name, work] of parts) {
    if (!hasTime()) {
      left.push(name);
      continue;
    }
    try {
      await work();
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { ...result, problems, left };
}

/** Of runs that ended, or were marked, since the last look: wakes who waits, gives back, ends what goes on. */
async function settleChanged(world: AwsWorld, hasTime: () => boolean): Promise<void> {
  const { leases, runs } = world.store;
  const nowMs = world.clock.now();
  const kept = await leases.once(CURSOR, { cursor: (await runs.changes()).cursor }, FOR_EVER_MS, nowMs);
  let at = cursorIn(kept);
  while (at !== undefined && hasTime()) {
    const { runs: changed, cursor } = await runs.changes(at, AT_ONCE);
    if (cursor === at) return;
    for (const run of changed) if (isFinal(run.state)) await settleEnded(world, run);
    await leases.settle(CURSOR, { cursor }, FOR_EVER_MS);
    at = cursor;
  }
}

function cursorIn(kept: Json | undefined): string | undefined {
  const cursor = isObject(kept) ? kept['cursor'] : undefined;
  return typeof cursor === 'string' ? cursor : undefined;
}

/** After so long, a sweep that began to remove runs has failed or died. */
const PRUNING_MS = 900_000;

/** Once a day, by whichever sweep comes first; by a later one where that did not come to its end. */
async function pruneDaily(world: AwsWorld): Promise<void> {
  const { leases } = world.store;
  const nowMs = world.clock.now();
  const name = `prune ${new Date(nowMs).toISOString().slice(0, 10)}`;
  const untilMs = nowMs + 2 * DAY_MS;
  const before = await leases.once(name, { atMs: nowMs }, untilMs, nowMs);
  if (before !== undefined) {
    if (isPruned(before, nowMs)) return;
    await leases.settle(name, { atMs: nowMs }, untilMs);
  }
  await pruneRuns(world, SWEEPER, world.file.retention);
  await leases.settle(name, { atMs: nowMs, done: true }, untilMs);
}

function isPruned(kept: Json, nowMs: number): boolean {
  if (!isObject(kept) || kept['done'] === true) return true;
  return typeof kept['atMs'] === 'number' && kept['atMs'] + PRUNING_MS > nowMs;
}
