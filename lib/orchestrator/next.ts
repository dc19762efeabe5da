/** When a DAG runs next, by its schedule. */
import type { Run } from '../model/run.ts';
import { previousTick } from '../schedule/data-interval.ts';
import { dueRun } from '../schedule/due.ts';
import { scheduledBounds, scheduledDag } from '../schedule/due-intervals.ts';
import { intervalsIn } from '../schedule/run-interval.ts';
import { dagOf } from './known.ts';
import type { World } from './ports.ts';

export interface NextRun {
  readonly logicalDate: string;
  readonly interval: Run['interval'];
  /** When it may start at the earliest. ISO 8601. */
  readonly runAt: string;
}

/** Most runs that are told at once. */
const MOST_NEXT = 1000;

/**
 * The next runs of a schedule, at most 1,000, as if it were not paused. None of manual ones, nor of continuous ones,
 * which go by the end of each run.
 *
 * @throws {RefusedError} `unknown-dag`
 */
export async function nextRuns(world: World, dagId: string, count: number): Promise<readonly NextRun[]> {
  const { head, version } = await dagOf(world, dagId);
  const definition = { dag: version.dag, head };
  const { schedule } = scheduledDag(definition);
  const nowMs = world.clock.now();
  const bounds = scheduledBounds(definition);
  const fromMs = Math.max(bounds.startMs, previousTick(schedule, nowMs) ?? nowMs);
  const next: NextRun[] = [];
  for (const interval of intervalsIn(schedule, fromMs, Number.MAX_SAFE_INTEGER)) {
    if (next.length >= Math.min(count, MOST_NEXT) || interval.startMs >= bounds.endMs) break;
    if (interval.endMs <= nowMs) continue;
    const { logicalDate, interval: texts, notBefore } = dueRun(definition, interval);
    next.push({ logicalDate, interval: texts, runAt: notBefore ?? texts.end });
  }
  return next;
}
