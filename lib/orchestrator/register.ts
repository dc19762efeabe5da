/** Makes the DAGs of a project known: what is new, what changed, what is there no more. */
import type { DagHead, DagVersion } from '../model/dag-version.ts';
import { isoText } from '../schedule/run-interval.ts';
import { headFacts } from './head-facts.ts';
import type { World } from './ports.ts';

export interface Registered {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly retired: readonly string[];
}

export interface RegisterOptions {
  /** New ones start paused. @default false */
  readonly pausedByDefault?: boolean;
  /** The stack whose DAGs they are: what another one has is not retired. @default none: they run here */
  readonly stack?: string;
}

/**
 * Registers all DAGs of a project, or of a stack: those that it had and has no more are retired, and make no runs.
 * Repeating it changes nothing.
 */
export async function registerDags(
  world: World,
  versions: readonly DagVersion[],
  options: RegisterOptions = {},
): Promise<Registered> {
  const heads = await world.store.dags.heads();
  const known = new Map(heads.map((head) => [head.dagId, head]));
  const added: string[] = [];
  const changed: string[] = [];
  for (const version of versions) {
    const outcome = await registerOne(world, version, { head: known.get(version.dag.id), ...options });
    if (outcome === 'added') added.push(version.dag.id);
    if (outcome === 'changed') changed.push(version.dag.id);
  }
  const there = new Set(versions.map(({ dag }) => dag.id));
  const gone = heads.filter(
    ({ dagId, retiredAt, stack }) => !there.has(dagId) && retiredAt === undefined && stack === options.stack,
  );
  for (const { dagId } of gone) await patch(world, dagId, { retiredAt: isoText(world.clock.now()) });
  return { added, changed, retired: gone.map(({ dagId }) => dagId) };
}

interface Registering extends RegisterOptions {
  readonly head: DagHead | undefined;
}

async function registerOne(
  world: World,
  version: DagVersion,
  { head, pausedByDefault = false, stack }: Registering,
): Promise<'added' | 'changed' | 'same'> {
  const facts = headFacts(version);
  if (
    head?.definition === facts.definition &&
    head.version === facts.version &&
    head.stack === stack &&
    head.retiredAt === undefined
  ) {
    return 'same';
  }
  // The version first: a head never names one that is not there.
  await world.store.dags.putVersion(version);
  const dagId = version.dag.id;
  const registeredAt = isoText(world.clock.now());
  const owned = stack === undefined ? {} : { stack };
  const paused = pausedByDefault
    ? { paused: true, pausedBy: 'tutti: new DAGs start paused' }
    : { paused: false };
  const fresh = { dagId, ...facts, ...owned, ...paused, registeredAt, rev: 1 };
  if (await world.store.dags.createHead(fresh)) return 'added';
  const gone = { description: undefined, owner: undefined, retiredAt: undefined, pinnedFrom: undefined };
  await patch(world, dagId, { ...gone, ...facts, stack });
  return 'changed';
}

/** Somebody may change the head at the same time: what is set here does not depend on what it was. */
async function patch(
  { store }: World,
  dagId: string,
  change: Parameters<typeof store.dags.updateHead>[2],
): Promise<void> {
  for (;;) {
    const head = await store.dags.head(dagId);
    if (head === undefined) return;
    if ((await store.dags.updateHead(dagId, head.rev, change)) !== undefined) return;
  }
}
