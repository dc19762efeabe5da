/** Why a run does not go on, or why a date has none. */
import type { Run } from '../model/run.ts';
import type { DataInterval } from '../schedule/data-interval.ts';
import { intervalOf, intervalTexts, isoText } from '../schedule/run-interval.ts';
import { verdictOf } from '../schedule/verdict.ts';
import { dagOf, type KnownDag } from './known.ts';
import { startable } from './lane.ts';
import type { World } from './ports.ts';

export interface Why {
  /** Absent: there is none. */
  readonly run?: Run;
  /** The interval that the date is of. */
  readonly interval?: Run['interval'];
  /** What it waits for, or why there is none. Empty: nothing holds it. */
  readonly blockers: readonly { readonly code: string; readonly text: string }[];
}

/**
 * What holds back a run, by its id, or the run of the interval that holds a date.
 *
 * @throws {RefusedError} `unknown-dag`, `invalid-logical-date`
 */
export async function why(world: World, dagId: string, dateOrRunId: string): Promise<Why> {
  const dag = await dagOf(world, dagId);
  const named = await world.store.runs.get({ dagId, runId: dateOrRunId });
  if (named !== undefined) return whyRun(world, dag, named);
  const interval = intervalNamed(dag, dateOrRunId, world.clock.now());
  const run = await world.store.runs.get({ dagId, runId: isoText(interval.startMs) });
  if (run !== undefined) return whyRun(world, dag, run);
  return {
    interval: intervalTexts(dag.version.dag, interval),
    blockers: [
      noRun(dag, interval, world.clock.now()),
      ...(await ofBackfills(world, dagId, isoText(interval.startMs))),
      ...(await besides(world, dagId, isoText(interval.startMs))),
    ],
  };
}

/** Backfills under way that have the date before them. */
async function ofBackfills({ store }: World, dagId: string, logicalDate: string): Promise<Why['blockers']> {
  const { items } = await store.backfills.list({ dagId, active: true, limit: 20 });
  const found: Why['blockers'][number][] = [];
  for (const { id, state } of items) {
    const dates = await store.backfills.dates(dagId, id, ['pending']);
    if (!dates.some((date) => date.logicalDate === logicalDate)) continue;
    const how = state === 'paused' ? 'which is paused' : 'which has other dates before it';
    found.push({ code: 'backfill_pending', text: `it waits in backfill ${id}, ${how}` });
  }
  return found;
}

/** Runs for the date that somebody asked for beside the interval's own. */
async function besides({ store }: World, dagId: string, logicalDate: string): Promise<Why['blockers']> {
  const { items } = await store.runs.list({ dagId, from: logicalDate, to: logicalDate, limit: 3 });
  return items.map(({ id, type, state, by }) => ({
    code: 'other_run',
    text: `beside it ${id}, ${type} by ${by}, is ${state}`,
  }));
}

/** The interval that a text names, whether or not the DAG's start and end allow it: they may be why. */
export function intervalNamed({ version }: KnownDag, text: string, nowMs: number): DataInterval {
  const { start: _start, end: _end, ...unbounded } = version.dag;
  return intervalOf(unbounded, text, nowMs);
}

async function whyRun(world: World, dag: KnownDag, run: Run): Promise<Why> {
  const { interval } = run;
  if (run.state !== 'queued') return { run, interval, blockers: [] };
  const lane = { dagId: run.dagId, lane: run.lane };
  const { held } = await startable(world, lane, { dag, open: await world.store.runs.open(lane) });
  const blockers = held.filter(({ runId }) => runId === run.id).map(({ code, text }) => ({ code, text }));
  return { run, interval, blockers };
}

function noRun({ head, version }: KnownDag, interval: DataInterval, nowMs: number) {
  const { kind } = version.dag.schedule;
  if (kind === 'manual') return { code: 'not_scheduled', text: 'the DAG has no schedule; trigger it' };
  if (kind === 'continuous')
    return { code: 'not_scheduled', text: 'each run is for the time since the one before' };
  return verdictOf({ dag: version.dag, head }, interval, nowMs);
}
