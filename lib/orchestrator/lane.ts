/**
 * Lanes: runs that share a limit. A place is taken before a run starts and given back after it ended, as a member of a
 * set, so that a step done twice counts once; whatever a crash leaves behind is mended by the next look.
 */

import type { DagVersion } from '../model/dag-version.ts';
import { isFinal, type Lane, type Run } from '../model/run.ts';
import { stateOfChar } from '../model/state-chars.ts';
import { looksAtPast, type PastRun } from '../schedule/depends-on-past.ts';
import { type Held, startableRuns } from '../schedule/startable.ts';
import { pagesOf } from '../store/page.ts';
import { dagOf, type KnownDag, versionOfRun } from './known.ts';
import { type Launched, launch } from './launch.ts';
import { placeOf } from './place.ts';
import type { World } from './ports.ts';

export interface LaneOf {
  readonly dagId: string;
  readonly lane: Lane;
}

/** What the caller has just read, which then is not read again. */
export interface KnownLane {
  readonly dag?: KnownDag;
  /** Open runs of the lane. */
  readonly open?: readonly Run[];
}

export interface LaneStarts {
  /** Runs that this call started. */
  readonly started: readonly Run[];
  readonly held: readonly Held[];
  /** Runs that could not be started now, and why: the sweep tries again. */
  readonly problems: readonly string[];
}

/** Starts queued runs of a lane, oldest logical date first, as long as there are places and nothing holds them. */
export async function startLane(world: World, of: LaneOf, known: KnownLane = {}): Promise<LaneStarts> {
  const open = known.open ?? (await world.store.runs.open(of));
  if (!open.some(({ state }) => state === 'queued')) return { started: [], held: [], problems: [] };
  const dag = known.dag ?? (await dagOf(world, of.dagId));
  const { start, held, max } = await startable(world, of, { dag, open });
  const starts = new Starts(world, of, { dag, max });
  for (const run of start) await starts.start(run);
  const { started, problems } = starts;
  if (!starts.hasRefused) return { started, held, problems };
  // A run that can never start has ended: its place is for the next.
  const rest = await startLane(world, of, { dag });
  return {
    started: [...started, ...rest.started],
    held: rest.held,
    problems: [...problems, ...rest.problems],
  };
}

/** One after the other, runs of a lane that nothing holds. */
class Starts {
  readonly started: Run[] = [];
  readonly problems: string[] = [];
  hasRefused = false;
  #isMended = false;
  readonly #world: World;
  readonly #of: LaneOf;
  readonly #dag: KnownDag;
  readonly #max: number;
  constructor(world: World, of: LaneOf, { dag, max }: { readonly dag: KnownDag; readonly max: number }) {
    this.#world = world;
    this.#of = of;
    this.#dag = dag;
    this.#max = max;
  }

  async start(run: Run): Promise<void> {
    try {
      if (await this.#hasPlace(run)) this.#keep(await launch(this.#world, run, this.#dag));
    } catch (error) {
      // The run stays as it is, and the sweep tries again.
      this.problems.push(problemOf(run, error));
    }
  }

  async #hasPlace(run: Run): Promise<boolean> {
    const admit = () => this.#world.store.runs.admit(run.dagId, run.lane, placeOf(run), this.#max);
    if (await admit()) return true;
    if (this.#isMended) return false;
    // By the open runs there is room: somebody died between two steps, or is at them now.
    this.#isMended = true;
    for (const found of await mendLane(this.#world, this.#of, this.#dag)) this.#keep(found);
    return admit();
  }

  #keep({ run, outcome }: Launched): void {
    if (outcome === 'started') this.started.push(run);
    if (outcome === 'refused') this.hasRefused = true;
  }
}

/** What kept a run from being started, for whoever looks after the scheduler. */
export function problemOf({ dagId, id }: Run, error: unknown): string {
  return `dag "${dagId}" › run "${id}": ${error instanceof Error ? error.message : String(error)}`;
}

/** Queued runs of a lane that may start, and what holds the others; `max`: how many of the lane may be active. */
export async function startable(
  world: World,
  of: LaneOf,
  { dag, open }: { readonly dag: KnownDag; readonly open: readonly Run[] },
): Promise<{ readonly start: readonly Run[]; readonly held: readonly Held[]; readonly max: number }> {
  const max = await limitOf(world, of, dag);
  const queued = open.filter(({ state }) => state === 'queued');
  const before = looksAtPast(dag.version.dag) ? await pasts(world, queued) : new Map<string, PastRun>();
  const definition = { dag: dag.version.dag, head: dag.head };
  const lane = { open, maxActiveRuns: max, before: ({ id }: Run) => before.get(id) };
  return { ...startableRuns(definition, world.clock.now(), lane), max };
}

async function limitOf({ store }: World, { dagId, lane }: LaneOf, dag: KnownDag): Promise<number> {
  if (lane === 'main') return dag.version.dag.maxActiveRuns;
  const backfill = await store.backfills.get(dagId, lane.slice('BF#'.length));
  if (backfill === undefined || backfill.state === 'paused' || backfill.state === 'cancelled') return 0;
  return backfill.maxActiveRuns;
}

/**
 * Gives back places whose runs ended. A queued run that has one was about to start when its starter died; it is started
 * now, and where the starter lives, only one of the two succeeds.
 */
export async function mendLane(
  world: World,
  { dagId, lane }: LaneOf,
  dag: KnownDag,
): Promise<readonly Launched[]> {
  const { runs } = world.store;
  const launched: Launched[] = [];
  for (const place of await runs.admitted(dagId, lane)) {
    const run = await runs.get({ dagId, runId: place.slice(0, place.lastIndexOf('#')) });
    const holds = run !== undefined && placeOf(run) === place && run.lane === lane && !isFinal(run.state);
    if (!holds) await runs.release(dagId, lane, place);
    if (holds && run.state === 'queued') launched.push(await launch(world, run, dag));
  }
  return launched;
}

/** The interval run before each queued run; none for the first of all. */
async function pasts(world: World, queued: readonly Run[]): Promise<ReadonlyMap<string, PastRun>> {
  const dates = queued.map(({ logicalDate }) => logicalDate).toSorted();
  const intervals = await intervalRuns(world, queued[0]?.dagId ?? '', dates[0] ?? '', dates.at(-1) ?? '');
  const found = new Map<string, PastRun>();
  const known = new Map<string, PastRun>();
  for (const { id, logicalDate } of queued) {
    const before = intervals.find((run) => run.logicalDate < logicalDate);
    if (before === undefined) continue;
    const past = known.get(before.id) ?? pastOf(before, await versionOfRun(world, before));
    known.set(before.id, past);
    found.set(id, past);
  }
  return found;
}

function pastOf({ logicalDate, cells }: Run, { manifest }: DagVersion): PastRun {
  const states = manifest.tasks.map(({ id }, index) => [id, stateOfChar(cells[index] ?? '-')] as const);
  return { logicalDate, states: new Map(states) };
}

/** Runs of intervals, newest first, from the one at `to` down to the first before `from`. */
async function intervalRuns(world: World, dagId: string, from: string, to: string): Promise<readonly Run[]> {
  const query = { dagId, types: ['scheduled', 'backfill'], to, limit: from === to ? 2 : 1000 } as const;
  const found: Run[] = [];
  for await (const runs of pagesOf((part) => world.store.runs.list({ ...query, ...part }))) {
    found.push(...runs);
    if (found.some(({ logicalDate }) => logicalDate < from)) break;
  }
  return found;
}
