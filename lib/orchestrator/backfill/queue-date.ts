/** Queues the run of one date of a backfill, once, however often and after whatever crash it is tried. */
import { isFinal, keyOfRun, type Lane, type Run } from '../../model/run.ts';
import { decide } from '../../schedule/backfill-plan.ts';
import { isoText } from '../../schedule/run-interval.ts';
import type { Backfill, BackfillDate } from '../../store/store.ts';
import { type KnownDag, versionOfRun } from '../known.ts';
import type { World } from '../ports.ts';
import { cellsKept, requeue } from '../requeue.ts';

/** The lane of a backfill's runs. */
export function laneOf({ id }: Pick<Backfill, 'id'>): Lane {
  return `BF#${id}`;
}

/**
 * The queued run of a date that was pending; `undefined` where the date needs none any more. The run comes first, and
 * then the date says that it is queued: what a crash leaves between the two is known by the run's lane.
 */
export async function queueDate(
  world: World,
  backfill: Backfill,
  made: { readonly date: BackfillDate; readonly dag: KnownDag },
): Promise<Run | undefined> {
  const { date } = made;
  if (date.runId === undefined && date.action === 'create') {
    const run = newRun(world, backfill, made);
    if (await world.store.runs.create(run)) return noteQueued(world, backfill, date, run);
  }
  // A run that somebody else changed between reading and writing is read anew.
  for (let look = 0; look < MOST_LOOKS; look++) {
    const found = await queueThere(world, backfill, made);
    if (found === 'changed') continue;
    if (found === 'followed') return undefined;
    if (typeof found !== 'string') return noteQueued(world, backfill, date, found);
    await skip(world, backfill, date, found);
    return undefined;
  }
  await skip(world, backfill, date, 'its run changes all the time');
  return undefined;
}

const MOST_LOOKS = 5;

/** The run of a date that has one, queued; else why it is left alone, that the date follows it, or that somebody was faster. */
async function queueThere(world: World, backfill: Backfill, made: Made): Promise<Run | string> {
  const { date } = made;
  const run = await world.store.runs.get({ dagId: backfill.dagId, runId: runIdOf(backfill, date) });
  if (run === undefined) return 'its run is there no more';
  if (isQueuedFor(backfill, date, run)) return run;
  if (date.runId !== undefined && (run.state === 'success' || !isFinal(run.state)))
    return follow(world, backfill, { date, run });
  const reprocess = date.runId === undefined ? backfill.reprocess : 'completed';
  const { action, reason = '' } = decide(reprocess, run.state);
  if (action !== 'rerun') return reason;
  return (await rerun(world, backfill, { ...made, run })) ?? 'changed';
}

/** Somebody cleared or marked the run of a date that is retried: it has succeeded meanwhile, or its end is waited for. */
async function follow(
  { store }: World,
  { dagId, id }: Backfill,
  { date, run }: { readonly date: BackfillDate; readonly run: Run },
): Promise<'followed'> {
  const { attempt } = run;
  const state = run.state === 'success' ? 'success' : 'queued';
  await store.backfills.updateDate({ dagId, id, logicalDate: date.logicalDate }, 'pending', {
    state,
    attempt,
  });
  return 'followed';
}

/** The id that a date's run has, or will have. That of a whole range is the run of no interval. */
function runIdOf({ id, asOne }: Backfill, { runId, logicalDate }: BackfillDate): string {
  return runId ?? (asOne ? `${logicalDate}~${id}` : logicalDate);
}

/** The run was queued for this date before, by somebody who did not live to say so. */
function isQueuedFor(backfill: Backfill, date: BackfillDate, run: Run): boolean {
  return run.lane === laneOf(backfill) && run.attempt > (date.attempt ?? 0);
}

interface Made {
  readonly date: BackfillDate;
  readonly dag: KnownDag;
}

function newRun(world: World, backfill: Backfill, { date, dag }: Made): Run {
  const { manifest } = dag.version;
  const now = isoText(world.clock.now());
  return {
    dagId: backfill.dagId,
    id: runIdOf(backfill, date),
    type: 'backfill',
    state: 'queued',
    lane: laneOf(backfill),
    logicalDate: date.logicalDate,
    interval: date.interval,
    attempt: 1,
    version: manifest.hash,
    params: backfill.params,
    by: `backfill ${backfill.id}`,
    createdAt: now,
    queuedAt: now,
    ...(backfill.tasks === undefined ? {} : { again: backfill.tasks }),
    ...(date.position === 0 ? { ignoresPast: true } : {}),
    cells: '-'.repeat(manifest.tasks.length),
    rev: 1,
  };
}

/** Another attempt, with the code of today: that is what is to be applied to the past. */
async function rerun(
  world: World,
  backfill: Backfill,
  { run, date, dag }: Made & { readonly run: Run },
): Promise<Run | undefined> {
  const { version } = dag;
  const { tasks: again, params } = backfill;
  const before = again === undefined ? version : await versionOfRun(world, run);
  return requeue(world, run, {
    version,
    lane: laneOf(backfill),
    again,
    cells: cellsKept(version.manifest, { manifest: before.manifest, cells: run.cells }, again),
    patch: { params, ...(date.position === 0 ? { ignoresPast: true } : {}) },
  });
}

async function noteQueued(
  world: World,
  { dagId, id }: Backfill,
  date: BackfillDate,
  run: Run,
): Promise<Run | undefined> {
  const { backfills, runs } = world.store;
  const { logicalDate } = date;
  const of = { dagId, id, logicalDate };
  const patch = { state: 'queued', runId: run.id, attempt: run.attempt } as const;
  if (await backfills.updateDate(of, 'pending', patch)) return run;
  if ((await backfills.get(dagId, id))?.state === 'running') return run;
  const now = (await backfills.dates(dagId, id)).find((other) => other.logicalDate === logicalDate);
  if (now?.state !== 'cancelled') return run;
  // The backfill was cancelled meanwhile: nobody would wait for this run.
  const endedAt = isoText(world.clock.now());
  await runs.update(
    keyOfRun(run),
    { states: ['queued'], attempt: run.attempt },
    { state: 'cancelled', endedAt },
  );
  return undefined;
}

async function skip(
  world: World,
  { dagId, id }: Backfill,
  { logicalDate }: BackfillDate,
  reason: string,
): Promise<void> {
  await world.store.backfills.updateDate({ dagId, id, logicalDate }, 'pending', {
    state: 'skipped',
    action: 'skip',
    reason,
  });
}
