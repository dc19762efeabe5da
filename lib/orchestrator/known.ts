/** DAGs, versions and runs by name, or a refusal that says what there is instead. */
import { RefusedError } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';
import type { DagHead, DagVersion } from '../model/dag-version.ts';
import type { Run, RunKey } from '../model/run.ts';
import { currentHeads } from '../store/current-heads.ts';
import type { Store } from '../store/store.ts';
import type { World } from './ports.ts';

/** A DAG as the project has it now. */
export interface KnownDag {
  readonly head: DagHead;
  readonly version: DagVersion;
}

/** Newest versions as they were read: a look at a thousand DAGs reads each once, until it is registered anew. */
const newest = new WeakMap<Store, Map<string, { readonly key: string; readonly version: DagVersion }>>();

/**
 * A DAG and its newest version.
 *
 * @throws {RefusedError} `unknown-dag`
 */
export async function dagOf(world: World, dagId: string): Promise<KnownDag> {
  const head = await world.store.dags.head(dagId);
  if (head === undefined) throw await unknownDag(world, dagId);
  return { head, version: await versionOf(world, head) };
}

/**
 * The newest version of a DAG.
 *
 * @throws {Error} when the store has lost it
 */
export async function versionOf({ store }: World, head: DagHead): Promise<DagVersion> {
  const known = newest.get(store) ?? new Map<string, { key: string; version: DagVersion }>();
  newest.set(store, known);
  const key = `${head.version} ${head.definition ?? ''}`;
  const before = known.get(head.dagId);
  if (before?.key === key) return before.version;
  const version = await versionNamed(store, head.dagId, head.version);
  // Without a definition nothing tells that it was registered anew.
  if (head.definition !== undefined) known.set(head.dagId, { key, version });
  return version;
}

/**
 * The version that a run has, or will have.
 *
 * @throws {Error} when the store has lost it
 */
export async function versionOfRun(
  { store }: World,
  run: Pick<Run, 'dagId' | 'version'>,
): Promise<DagVersion> {
  return versionNamed(store, run.dagId, run.version);
}

/**
 * A run by its key.
 *
 * @throws {RefusedError} `unknown-dag`, `unknown-run`
 */
export async function runOf(world: World, key: RunKey): Promise<Run> {
  const run = await world.store.runs.get(key);
  if (run !== undefined) return run;
  if ((await world.store.dags.head(key.dagId)) === undefined) throw await unknownDag(world, key.dagId);
  const { items } = await world.store.runs.list({ dagId: key.dagId, limit: 3 });
  const there =
    items.length === 0 ? 'it has none yet' : `its newest are ${items.map(({ id }) => id).join(', ')}`;
  throw new RefusedError(
    'unknown-run',
    `dag "${key.dagId}" › run: must be one of its runs, got "${shortened(key.runId)}"; ${there}`,
  );
}

async function versionNamed(store: Store, dagId: string, hash: string): Promise<DagVersion> {
  const version = await store.dags.version(dagId, hash);
  if (version === undefined) throw new Error(`the store has no version ${hash} of dag "${dagId}"`);
  return version;
}

async function unknownDag({ store }: World, dagId: string): Promise<RefusedError> {
  const ids = (await currentHeads(store.dags)).map(({ dagId }) => dagId);
  const near = nearest(dagId, ids);
  const there = ids.length === 0 ? 'none is registered' : `there are ${ids.slice(0, 8).join(', ')}`;
  const remedy = near === undefined ? there : `did you mean "${near}"?`;
  return new RefusedError(
    'unknown-dag',
    `dag: must be one of the project, got "${shortened(dagId)}"; ${remedy}`,
  );
}

/** What was asked for may be of any length; a message is not. */
function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
