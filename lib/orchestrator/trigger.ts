/** Makes a run that somebody asked for: a person, or another DAG. */
import { RefusedError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { type AwaitingTask, keyOfRun, type Run } from '../model/run.ts';
import type { DataInterval } from '../schedule/data-interval.ts';
import { intervalOf, intervalTexts, isoText } from '../schedule/run-interval.ts';
import type { Held } from '../schedule/startable.ts';
import { dagOf, type KnownDag } from './known.ts';
import { startable, startLane } from './lane.ts';
import { note } from './note.ts';
import { checkedParams } from './params.ts';
import type { Actor, World } from './ports.ts';

export interface TriggerRequest {
  readonly dagId: string;
  /** A day or an instant: the run is of the interval that holds it. @default the newest complete interval */
  readonly logicalDate?: string;
  /** Of no interval: an instant, now. @default false */
  readonly now?: boolean;
  readonly params?: JsonObject;
  readonly note?: string;
  /** Makes nothing, and says what would be made. @default false */
  readonly dryRun?: boolean;
  /** The DAG that asks, and makes the run a triggered one. @default nobody but the actor */
  readonly triggeredBy?: string;
  /** With `triggeredBy`: its task that waits for the run's end. @default nobody waits */
  readonly awaitedBy?: Omit<AwaitingTask, 'dagId'>;
  /** Tells this request from others, 1 to 64 of `A-Z a-z 0-9 _ -`: asked twice, there is one run. @default a new one */
  readonly id?: string;
}

export interface Triggered {
  readonly run: Run;
  /** False where a request of this id made it before. */
  readonly created: boolean;
  /** What it waits for. Empty: it was started. */
  readonly blockers: readonly Held[];
}

/**
 * Makes a manual run, or one triggered by another DAG, and starts it where its lane has a place.
 *
 * @throws {RefusedError} `unknown-dag`, `retired-dag`, `invalid-logical-date`, `invalid-id`, or what {@link checkedParams} throws
 */
export async function trigger(world: World, actor: Actor, request: TriggerRequest): Promise<Triggered> {
  const dag = await dagOf(world, request.dagId);
  if (dag.head.retiredAt !== undefined) throw retired(dag);
  const run = requestedRun(world, actor, { dag, request });
  const lane = { dagId: run.dagId, lane: run.lane };
  if (request.dryRun === true) return { run, created: false, blockers: await heldIfMade(world, dag, run) };
  const created = await world.store.runs.create(run);
  if (created) {
    const { logicalDate, params } = run;
    const details = { logicalDate, params, ...(request.note === undefined ? {} : { note: request.note }) };
    await note(world, actor, 'trigger', { dagId: run.dagId, runId: run.id, details });
  }
  const { held } = await startLane(world, lane, { dag });
  const now = (await world.store.runs.get(keyOfRun(run))) ?? run;
  return { run: now, created, blockers: held.filter(({ runId }) => runId === run.id) };
}

interface Requested {
  readonly dag: KnownDag;
  readonly request: TriggerRequest;
}

function requestedRun(world: World, actor: Actor, { dag, request }: Requested): Run {
  const nowMs = world.clock.now();
  const node = dag.version.dag;
  const interval = requestedInterval({ dag, request }, nowMs);
  const logicalDate = isoText(interval.startMs);
  const at = isoText(nowMs);
  return {
    dagId: node.id,
    id: `${logicalDate}~${checkedId(node.id, request.id) ?? world.newId()}`,
    type: request.triggeredBy === undefined ? 'manual' : 'triggered',
    state: 'queued',
    lane: 'main',
    logicalDate,
    interval: intervalTexts(node, interval),
    attempt: 1,
    version: dag.head.version,
    params: checkedParams(node, request.params),
    by: request.triggeredBy === undefined ? actor.name : `dag ${request.triggeredBy}`,
    ...(request.note === undefined ? {} : { note: request.note }),
    ...awaiting(request),
    createdAt: at,
    queuedAt: at,
    cells: '',
    rev: 1,
  };
}

function awaiting({ triggeredBy, awaitedBy }: TriggerRequest): Pick<Run, 'awaitedBy'> {
  if (triggeredBy === undefined || awaitedBy === undefined) return {};
  return { awaitedBy: { dagId: triggeredBy, ...awaitedBy } };
}

function requestedInterval({ dag, request }: Requested, nowMs: number): DataInterval {
  const node = dag.version.dag;
  if (request.now !== true) return intervalOf(node, request.logicalDate, nowMs);
  if (request.logicalDate !== undefined) {
    throw new RefusedError(
      'invalid-logical-date',
      `dag "${node.id}" › logical date: must be given without now, got "${request.logicalDate}"; leave out one of the two`,
    );
  }
  // Whole seconds: texts of instants sort as the instants do.
  const instantMs = Math.floor(nowMs / 1000) * 1000;
  return { startMs: instantMs, endMs: instantMs };
}

function checkedId(dagId: string, id: string | undefined): string | undefined {
  if (id === undefined || /^[\w-]{1,64}$/.test(id)) return id;
  const got = id.length <= 80 ? id : `${id.slice(0, 77)}...`;
  throw new RefusedError(
    'invalid-id',
    `dag "${dagId}" › id of a request: must be 1 to 64 letters, digits, _ or -, got "${got}"; leave it out for a new one`,
  );
}

/** What would hold a run back that is not made. */
async function heldIfMade(world: World, dag: KnownDag, run: Run): Promise<readonly Held[]> {
  const lane = { dagId: run.dagId, lane: run.lane };
  const open = [...(await world.store.runs.open(lane)), run];
  const { held } = await startable(world, lane, { dag, open });
  return held.filter(({ runId }) => runId === run.id);
}

function retired({ head }: KnownDag): RefusedError {
  return new RefusedError(
    'retired-dag',
    `dag "${head.dagId}": must be in the project, got one that was removed at ${head.retiredAt}; add it again to run it`,
  );
}
