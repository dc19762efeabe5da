/** What must be true in the end, whatever happened before. */
import type { DagNode } from '../../../lib/model/dag.ts';
import { isFinal, keyOfRun } from '../../../lib/model/run.ts';
import { auditLedger } from '../../../lib/orchestrator/audit.ts';
import { unpauseDag } from '../../../lib/orchestrator/pause.ts';
import { sweep } from '../../../lib/orchestrator/sweep.ts';
import { trigger } from '../../../lib/orchestrator/trigger.ts';
import { isoText } from '../../../lib/schedule/run-interval.ts';
import { PERSON } from '../rig.ts';
import type { Place } from './place.ts';
import { again, MINUTE, START_MS } from './work.ts';

/** Dates that somebody looked at to the end while they were newest, by DAG: also without catchup these have runs. */
export type Looked = ReadonlyMap<string, ReadonlySet<string>>;

export const freely = () => Promise.resolve();

/**
 * A scheduler that lives comes back: it sweeps, and what runs ends, until nothing is open. What failed or was cancelled
 * is run again, so that what depends on it goes on.
 */
export async function recover(place: Place, dags: readonly DagNode[]): Promise<void> {
  const world = place.world(freely);
  for (const { id } of dags) await unpauseDag(world, PERSON, id);
  for (let round = 0; round < 200; round++) {
    const { problems, ticks } = await sweep(world);
    place.broken.push(...problems, ...ticks.flatMap((each) => each.problems));
    await endRunning(place);
    const { items } = await place.store.runs.list({ states: ['failed', 'cancelled'], limit: 1000 });
    for (const run of items) await again(world, run);
    const backfills = await place.store.backfills.list({ active: true });
    if ((await place.store.runs.open()).length + backfills.items.length === 0) return;
  }
  place.broken.push('after 200 sweeps something is still under way');
}

async function endRunning(place: Place): Promise<void> {
  for (const execution of place.executions.all()) {
    if (execution.state !== 'running') continue;
    place.executions.end(execution.name, 'ended');
    await place.tellEnd(place.world(freely), execution, 'success');
  }
}

/** What is wrong in the end. */
export async function faultsOf(
  place: Place,
  dags: readonly DagNode[],
  looked: Looked,
): Promise<readonly string[]> {
  const found: string[] = [...place.broken];
  for (const dag of dags) {
    const faults = [...(await faultsOfRuns(place, dag, looked)), ...(await faultsOfBackfills(place, dag))];
    found.push(...faults.map((text) => `${dag.id}: ${text}`));
  }
  for (const dag of dags) found.push(...(await placesTaken(place, dag)));
  found.push(...startedTwice(place));
  return [...found, ...(await unknown(place))];
}

/** What runs without its run saying so. */
async function unknown({ executions, store }: Place): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, run, state } of executions.all()) {
    if (state !== 'running') continue;
    const now = await store.runs.get(keyOfRun(run));
    if (now?.state !== 'running' || now.execution !== name)
      found.push(`${name} runs, and nobody knows of it`);
  }
  return found;
}

async function faultsOfRuns(place: Place, dag: DagNode, looked: Looked): Promise<readonly string[]> {
  const { items } = await place.store.runs.list({
    dagId: dag.id,
    types: ['scheduled', 'backfill'],
    limit: 1000,
  });
  const dates = items.map(({ id }) => id);
  const known = intervalsOf(dag, place.nowMs);
  const wanted = dag.catchup ? known : [...(looked.get(dag.id) ?? []), ...known.slice(-1)];
  const range = { from: isoText(START_MS), to: isoText(place.nowMs) };
  const { problems } = await auditLedger(place.world(freely), dag.id, range);
  return [
    ...wanted.filter((date) => !dates.includes(date)).map((date) => `${date} has no run`),
    ...dates.filter((date) => !known.includes(date)).map((date) => `${date} is no interval of it`),
    ...items.filter(({ state }) => !isFinal(state)).map(({ id, state }) => `${id} is ${state}`),
    ...problems.map(({ text, code }) => `${code}: ${text}`),
  ];
}

async function faultsOfBackfills({ store }: Place, { id: dagId }: DagNode): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { id } of (await store.backfills.list({ dagId })).items) {
    for (const { logicalDate, state, runId } of await store.backfills.dates(dagId, id)) {
      if (state === 'pending' || state === 'queued') found.push(`backfill ${id}: ${logicalDate} is ${state}`);
      if (runId !== undefined && runId !== logicalDate)
        found.push(`backfill ${id}: ${logicalDate} has ${runId}`);
    }
  }
  return found;
}

/** In whatever processes they were started. */
function startedTwice({ executions }: Place): readonly string[] {
  const attempts = Map.groupBy(
    executions.all(),
    ({ run }) => `${run.dagId} ${run.id} attempt ${run.attempt}`,
  );
  return [...attempts].filter(([, starts]) => starts.length > 1).map(([name]) => `${name} was started twice`);
}

/** Places that a crash left taken are free as soon as somebody needs them. */
async function placesTaken(place: Place, { id, maxActiveRuns }: DagNode): Promise<readonly string[]> {
  place.nowMs += MINUTE;
  const told: string[] = [];
  for (let made = 0; made < maxActiveRuns; made++) {
    const { run } = await trigger(place.world(freely), PERSON, { dagId: id, now: true });
    if (run.state !== 'running')
      told.push(`${id}: with ${made} of ${maxActiveRuns} runs active, a further one is ${run.state}`);
  }
  await endRunning(place);
  return told;
}

/** Logical dates of the intervals that have ended, worked out by hand: they are minutes. */
export function intervalsOf({ schedule }: DagNode, nowMs: number): readonly string[] {
  const isTrigger = schedule.kind !== 'manual' && schedule.interval === 'trigger';
  // The first data interval is the one in which the DAG was registered; the first tick the one after that.
  const firstMs = (isTrigger ? Math.ceil(START_MS / MINUTE) : Math.floor(START_MS / MINUTE)) * MINUTE;
  const dates: string[] = [];
  for (let ms = firstMs; ms + (isTrigger ? 0 : MINUTE) <= nowMs; ms += MINUTE) dates.push(isoText(ms));
  return dates;
}
