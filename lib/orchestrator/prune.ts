/** Retention: what has ended long ago, or is one of too many, goes. */
import { type Duration, toSeconds } from '../base/duration.ts';
import { RefusedError } from '../base/errors.ts';
import type { RetentionConfig } from '../model/environment.ts';
import type { RunKey } from '../model/run.ts';
import { isoText } from '../schedule/run-interval.ts';
import type { Retention } from '../store/store.ts';
import { note } from './note.ts';
import type { Actor, World } from './ports.ts';

export interface Pruned {
  /** As the clock and the policy say. Absent: none goes by its age. */
  readonly endedBefore?: string;
  readonly keep?: number;
  /** What went, or would go; by DAG, newest first. */
  readonly runs: readonly RunKey[];
}

export interface PruneOptions {
  /** Changes nothing. @default false */
  readonly dryRun?: boolean;
  /** Called with what is to go while it is still there; not where nothing is. */
  readonly before?: (runs: readonly RunKey[]) => Promise<void>;
}

/**
 * Removes the runs that a policy does not keep, with all that the store has of them. Their intervals are not made again,
 * also where the schedule changes and the ledger is looked at from the start.
 *
 * @throws {RefusedError} `invalid-retention`
 */
export async function pruneRuns(
  world: World,
  actor: Actor,
  policy: RetentionConfig,
  { dryRun = false, before }: PruneOptions = {},
): Promise<Pruned> {
  const limits = limitsOf(policy, world.clock.now());
  const chosen = await world.store.runs.prune({ ...limits, dryRun: true });
  if (dryRun || chosen.length === 0) return { ...limits, runs: chosen };
  await before?.(chosen);
  // First: of a crash in between nothing is left that would run once more.
  for (const [dagId, keys] of Map.groupBy(chosen, (key) => key.dagId)) await passOver(world, dagId, keys);
  const runs = await world.store.runs.prune(limits);
  if (runs.length > 0) await note(world, actor, 'prune', { details: { ...limits, runs: runs.length } });
  return { ...limits, runs };
}

function limitsOf({ age, keep }: RetentionConfig, nowMs: number): Pick<Retention, 'endedBefore' | 'keep'> {
  if (keep !== undefined && !(Number.isSafeInteger(keep) && keep >= 0))
    throw invalid('keep', `must be a whole number, got ${keep}`, 'write how many runs of each DAG stay');
  return {
    ...(age === undefined ? {} : { endedBefore: isoText(wholeSecond(nowMs - ageMs(age))) }),
    ...(keep === undefined ? {} : { keep }),
  };
}

function ageMs(age: Duration): number {
  const seconds = toSeconds(age);
  if (seconds !== undefined && seconds >= 0) return seconds * 1000;
  throw invalid('age', `must be a duration, got ${JSON.stringify(age)}`, "write '400d', '36h'");
}

/** Marks until when intervals are done: as far as the ledger was complete, for what is later may yet be due. */
async function passOver({ store }: World, dagId: string, keys: readonly RunKey[]): Promise<void> {
  const throughOfRuns = await newestEnd({ store }, keys);
  if (throughOfRuns === undefined) return;
  for (;;) {
    const head = await store.dags.head(dagId);
    if (head?.watermark === undefined) return;
    const { through } = head.watermark;
    const prunedThrough = Date.parse(through) < Date.parse(throughOfRuns) ? through : throughOfRuns;
    if (Date.parse(head.prunedThrough ?? '') >= Date.parse(prunedThrough)) return;
    const changed = await store.dags.updateHead(dagId, head.rev, { prunedThrough });
    // Else somebody changed something else of it meanwhile.
    if (changed !== undefined) return;
  }
}

/** The end of the newest of them that is of an interval. */
async function newestEnd(
  { store }: Pick<World, 'store'>,
  keys: readonly RunKey[],
): Promise<string | undefined> {
  for (const key of keys) {
    if (key.runId.includes('~')) continue;
    const run = await store.runs.get(key);
    if (run !== undefined) return run.interval.end;
  }
  return undefined;
}

/** Texts of instants sort as the instants do where they are of whole seconds. */
function wholeSecond(instantMs: number): number {
  return Math.floor(instantMs / 1000) * 1000;
}

function invalid(field: string, rule: string, remedy: string): RefusedError {
  return new RefusedError('invalid-retention', `prune › ${field}: ${rule}; ${remedy}`);
}
