/** Mends what a crash, a lost message or a slow machine left behind. Does nothing where nothing is wrong. */
import { isFinal, keyOfRun, type Lane, type Run } from '../model/run.ts';
import { isoText } from '../schedule/run-interval.ts';
import { pumpBackfills } from './backfill/pump.ts';
import { cancelIfLeft } from './cancel.ts';
import { cellsCutShort, rowsCutShort } from './cut-short.ts';
import { endRun } from './end.ts';
import { dagOf } from './known.ts';
import { mendLane, problemOf, startLane } from './lane.ts';
import { begin, isSettled, markRunning } from './launch.ts';
import { notifyAll } from './notify/resend.ts';
import type { World } from './ports.ts';
import { RUN_ABORTED } from './projection.ts';
import { type TickResult, tickAll } from './tick.ts';

export interface SweepResult {
  /** Runs whose execution was started or found running, by `dag/run`. */
  readonly resumed: readonly string[];
  /** Runs whose end nobody had kept, and those that were waited for by a run that has ended: they are cancelled. */
  readonly ended: readonly string[];
  readonly ticks: readonly TickResult[];
  readonly problems: readonly string[];
}

export interface SweepOptions {
  /** Whether there is time for another run, or part: what is left the next sweep does. @default always */
  readonly hasTime?: () => boolean;
}

/** Looks after every open run and every lane that has one, then at all DAGs. */
export async function sweep(world: World, { hasTime = () => true }: SweepOptions = {}): Promise<SweepResult> {
  const resumed: string[] = [];
  const ended: string[] = [];
  const problems: string[] = [];
  const open = await world.store.runs.open();
  for (const run of open) if (hasTime()) await mendRuns(world, [run], { resumed, ended, problems });
  if (hasTime()) problems.push(...(await mendLanes(world)));
  if (hasTime()) problems.push(...(await trying('backfills', () => pumpBackfills(world))));
  const ticks = hasTime() ? await tickAll(world) : [];
  if (hasTime()) problems.push(...(await trying('messages', () => notifyAll(world))));
  return { resumed, ended, ticks, problems };
}

/** Looks after open runs: what nobody executes any more goes on here, or ends. */
export async function mendRuns(
  world: World,
  open: readonly Run[],
  { resumed, ended, problems }: Record<'resumed' | 'ended' | 'problems', string[]>,
): Promise<void> {
  for (const run of open) {
    try {
      const outcome = await mendRun(world, run);
      if (outcome === 'resumed') resumed.push(`${run.dagId}/${run.id}`);
      if (outcome === 'ended') ended.push(`${run.dagId}/${run.id}`);
    } catch (error) {
      problems.push(problemOf(run, error));
    }
  }
}

/** What one part of a sweep cannot do holds up no other. */
async function trying(what: string, work: () => Promise<void>): Promise<readonly string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [`${what}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

type Outcome = 'fine' | 'resumed' | 'ended';

async function mendRun(world: World, run: Run): Promise<Outcome> {
  const { execution } = run;
  if (run.state === 'queued' || execution === undefined)
    return (await cancelIfLeft(world, run)) ? 'ended' : 'fine';
  const found = await world.launcher.describe(execution, keyOfRun(run));
  if ((found === 'unknown' || found === 'running') && (await cancelIfLeft(world, run))) return 'ended';
  switch (found) {
    case 'unknown': {
      // Between two reads it may have been started by who was at it: a start of a known name does nothing.
      const { outcome } = await begin(world, run);
      return outcome === 'refused' ? 'ended' : 'resumed';
    }
    case 'running':
      return (await markRunning(world, run)) === undefined ? 'fine' : 'resumed';
    case 'ended':
    case 'lost':
      return settle(world, run, found);
    default:
      return 'fine';
  }
}

/** An execution that is over, or that nobody runs any more: the launcher goes on with it, or tells its end again. */
async function settle(world: World, run: Run, found: 'ended' | 'lost'): Promise<Outcome> {
  if (await isSettled(world, run)) return 'resumed';
  const now = await world.store.runs.get(keyOfRun(run));
  if (now === undefined || now.execution !== run.execution || isFinal(now.state)) return 'fine';
  const over = await endRun(world, now, {
    ...keyOfRun(run),
    attempt: run.attempt,
    state: 'failed',
    endedAt: isoText(world.clock.now()),
    cells: cellsCutShort(now.cells, 'failed'),
    rows: await rowsCutShort(world, now, 'failed'),
    error: RUN_ABORTED,
    cause:
      found === 'lost'
        ? 'what ran it is gone, and it cannot go on elsewhere'
        : 'it ended, and nobody kept how',
  });
  if (over !== undefined) await world.notifier.ended?.(over);
  return 'ended';
}

/** Frees places of runs that are over, and starts what may start, in every lane that has open runs. */
async function mendLanes(world: World): Promise<readonly string[]> {
  const problems: string[] = [];
  const lanes = Map.groupBy(await world.store.runs.open(), ({ dagId, lane }) =>
    JSON.stringify([dagId, lane]),
  );
  for (const open of lanes.values()) {
    const [first] = open;
    if (first === undefined) continue;
    const of = { dagId: first.dagId, lane: first.lane satisfies Lane };
    try {
      const dag = await dagOf(world, of.dagId);
      await mendLane(world, of, dag);
      problems.push(...(await startLane(world, of, { dag })).problems);
    } catch (error) {
      problems.push(problemOf(first, error));
    }
  }
  return problems;
}
