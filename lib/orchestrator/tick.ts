/** One look at what is due: makes the runs that the schedule wants, moves the watermark, starts what may start. */
import type { Run } from '../model/run.ts';
import { type DueRun, due, dueRun, MOST_CREATED } from '../schedule/due.ts';
import { dueIntervals } from '../schedule/due-intervals.ts';
import { isoText } from '../schedule/run-interval.ts';
import type { Held } from '../schedule/startable.ts';
import { pauseIfFailing } from './auto-pause.ts';
import { dagOf, type KnownDag, versionOf } from './known.ts';
import { startLane } from './lane.ts';
import { checkedParams } from './params.ts';
import type { World } from './ports.ts';

export interface TickResult {
  readonly dagId: string;
  /** Ids of runs that this look made. */
  readonly created: readonly string[];
  /** Ids of runs that this look started. */
  readonly started: readonly string[];
  readonly held: readonly Held[];
  /** More runs are due; they are made as those that are queued start. */
  readonly more: boolean;
  /** What did not work; the next look tries again. */
  readonly problems: readonly string[];
}

/**
 * Looks at one DAG. A firing that comes twice, late or not at all changes nothing: the ledger decides.
 *
 * @throws {RefusedError} `unknown-dag`
 */
export async function tick(world: World, dagId: string): Promise<TickResult> {
  const dag = await dagOf(world, dagId);
  return tickDag(world, dag, await world.store.runs.open({ dagId, lane: 'main' }));
}

/** Looks at every DAG: one read of all heads and one of all open runs; nothing more of those with nothing to do. */
export async function tickAll(world: World): Promise<readonly TickResult[]> {
  const [heads, open] = [await world.store.dags.heads(), await world.store.runs.open()];
  const lanes = Map.groupBy(
    open.filter(({ lane }) => lane === 'main'),
    ({ dagId }) => dagId,
  );
  const results: TickResult[] = [];
  for (const head of heads) {
    try {
      const dag = { head, version: await versionOf(world, head) };
      const result = await tickDag(world, dag, lanes.get(head.dagId) ?? []);
      if (hasHappened(result)) results.push(result);
    } catch (error) {
      // One DAG that cannot be looked at holds up no other.
      const problem = `dag "${head.dagId}": ${error instanceof Error ? error.message : String(error)}`;
      results.push({
        dagId: head.dagId,
        created: [],
        started: [],
        held: [],
        more: false,
        problems: [problem],
      });
    }
  }
  return results;
}

function hasHappened({ created, started, held, more, problems }: TickResult): boolean {
  return more || created.length + started.length + held.length + problems.length > 0;
}

/** Looks at a DAG that was read; `open`: its open runs of the main lane. */
export async function tickDag(world: World, known: KnownDag, open: readonly Run[]): Promise<TickResult> {
  const dagId = known.head.dagId;
  const { dag, created, more } = await makeDueRuns(world, known, open);
  const lane = {
    dag,
    open: created.length === 0 ? open : await world.store.runs.open({ dagId, lane: 'main' }),
  };
  const { started, held, problems } = await startLane(world, { dagId, lane: 'main' }, lane);
  return {
    dagId,
    created: created.map(({ id }) => id),
    started: started.map(({ id }) => id),
    held,
    more,
    problems,
  };
}

interface Made {
  readonly dag: KnownDag;
  readonly created: readonly Run[];
  /** More are due than one look makes. */
  readonly more: boolean;
}

/**
 * Makes the runs that are due, a number at a time; what has a run already costs little and counts for nothing. With many
 * queued, more of a long catchup would only have to be read again and again: they are made as those end.
 */
async function makeDueRuns(world: World, known: KnownDag, open: readonly Run[]): Promise<Made> {
  const queued = open.filter(({ state }) => state === 'queued').length;
  if (known.version.dag.catchup && queued >= MOST_CREATED) return { dag: known, created: [], more: true };
  let made: Made = { dag: known, created: [], more: true };
  while (made.more && made.created.length < MOST_CREATED) {
    const step = await makeSome(world, made.dag);
    made = { ...step, created: [...made.created, ...step.created] };
  }
  return made;
}

async function makeSome(world: World, dag: KnownDag): Promise<Made> {
  const nowMs = world.clock.now();
  const dagId = dag.head.dagId;
  const definition = { dag: dag.version.dag, head: dag.head };
  const isContinuous = definition.dag.schedule.kind === 'continuous';
  const last = isContinuous ? await newestOf(world, dagId) : undefined;
  const { intervals, throughMs, more } = dueIntervals(definition, nowMs, { limit: MOST_CREATED, last });
  if (throughMs === undefined) return { dag, created: [], more: false };
  const paused = await pauseIfFailing(world, dagId, dag);
  if (paused !== undefined) return { dag: { ...dag, head: paused }, created: [], more: false };
  const runs = intervals.map((interval) => dueRun(definition, interval));
  const existing = await existingOf(world, dagId, runs);
  const { create, watermark } = due(definition, nowMs, { existing, last, open: [], maxActiveRuns: 0 });
  const created: Run[] = [];
  for (const run of create) created.push(...(await createRun(world, dag, run)));
  // Only now: a crash before this makes them again, which changes nothing.
  const head = await world.store.dags.updateHead(dagId, dag.head.rev, { watermark });
  // Where somebody changed the head meanwhile, the next look goes by what it is then.
  return { dag: head === undefined ? dag : { ...dag, head }, created, more: more && head !== undefined };
}

async function newestOf({ store }: World, dagId: string): Promise<Run | undefined> {
  const page = await store.runs.list({ dagId, types: ['scheduled', 'backfill'], limit: 1 });
  return page.items[0];
}

/** Of a single run, the write that makes it tells whether it was there. */
async function existingOf(
  { store }: World,
  dagId: string,
  runs: readonly DueRun[],
): Promise<ReadonlySet<string>> {
  const [first, last] = [runs[0]?.logicalDate, runs.at(-1)?.logicalDate];
  if (runs.length < 2 || first === undefined || last === undefined) return new Set();
  const types = ['scheduled', 'backfill'] as const;
  const page = await store.runs.list({ dagId, types, from: first, to: last, limit: 1000 });
  return new Set(page.items.map(({ id }) => id));
}

/** Makes the run of an interval. None where it is there: whoever made it. */
async function createRun(world: World, dag: KnownDag, of: DueRun): Promise<readonly Run[]> {
  const run = scheduledRun(dag, of, isoText(world.clock.now()));
  return (await world.store.runs.create(run)) ? [run] : [];
}

function scheduledRun(
  { head, version }: KnownDag,
  { logicalDate, interval, notBefore }: DueRun,
  at: string,
): Run {
  return {
    dagId: head.dagId,
    id: logicalDate,
    type: 'scheduled',
    state: 'queued',
    lane: 'main',
    logicalDate,
    interval,
    attempt: 1,
    version: head.version,
    params: checkedParams(version.dag),
    by: 'scheduler',
    createdAt: at,
    queuedAt: at,
    ...(notBefore === undefined ? {} : { notBefore }),
    cells: '',
    rev: 1,
  };
}
