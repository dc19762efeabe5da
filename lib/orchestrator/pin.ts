/** Going back to an older version of a DAG without deploying: runs that start from now on have it. */
import { RefusedError } from '../base/errors.ts';
import type { DagHead, DagVersion } from '../model/dag-version.ts';
import { headFacts } from './head-facts.ts';
import { dagOf, type KnownDag } from './known.ts';
import { note } from './note.ts';
import type { Actor, World } from './ports.ts';

export interface PinRequest {
  readonly dagId: string;
  /** Hash of a version that is kept, or its first characters, at least 4; absent: the one that was deployed last. */
  readonly version?: string;
  /** Changes nothing. @default false */
  readonly dryRun?: boolean;
}

/** As it is now, or would be. */
export interface Pinned {
  readonly head: DagHead;
  /** Version that it had. */
  readonly before: string;
}

/**
 * Points a DAG at a version that it had before; a deployment of the DAG points it at its newest again. Runs that were
 * started keep what they have.
 *
 * @throws {RefusedError} `unknown-dag`, `unknown-version`, `not-pinned`
 */
export async function pinDag(world: World, actor: Actor, request: PinRequest): Promise<Pinned> {
  for (;;) {
    const known = await dagOf(world, request.dagId);
    const { head } = known;
    const deployed = head.pinnedFrom ?? head.version;
    const version = await versionToPin(world, known, request.version);
    const hash = version.manifest.hash;
    const before = head.version;
    if (hash === before) return { head, before };
    const patch = {
      description: undefined,
      owner: undefined,
      ...headFacts(version),
      pinnedFrom: hash === deployed ? undefined : deployed,
    };
    if (request.dryRun === true) return { head: { ...head, version: hash }, before };
    const changed = await world.store.dags.updateHead(head.dagId, head.rev, patch);
    if (changed === undefined) continue;
    await note(world, actor, 'pin', { dagId: head.dagId, details: { version: hash, before } });
    return { head: changed, before };
  }
}

async function versionToPin(
  { store }: World,
  { head }: KnownDag,
  asked: string | undefined,
): Promise<DagVersion> {
  const { dagId, pinnedFrom } = head;
  if (asked === undefined) {
    if (pinnedFrom === undefined)
      throw new RefusedError(
        'not-pinned',
        `dag "${dagId}": must be pinned, got one that has what was deployed`,
      );
    return kept(await store.dags.version(dagId, pinnedFrom), head, pinnedFrom);
  }
  const exact = await store.dags.version(dagId, asked);
  if (exact !== undefined) return exact;
  const hashes = await hashesOf(store, head);
  const matching = asked.length < 4 ? [] : hashes.filter((hash) => hash.startsWith(asked));
  const [only, another] = matching;
  if (only !== undefined && another === undefined)
    return kept(await store.dags.version(dagId, only), head, only);
  throw new RefusedError(
    'unknown-version',
    `dag "${dagId}" › version: must be one that its runs had, got "${asked.slice(0, 80)}"; its newest are ${hashes.slice(0, 5).join(', ')}`,
  );
}

function kept(version: DagVersion | undefined, { dagId }: DagHead, hash: string): DagVersion {
  if (version !== undefined) return version;
  throw new RefusedError(
    'unknown-version',
    `dag "${dagId}" › version: must still be kept, got "${hash}", which is not`,
  );
}

/** Versions that its runs had, newest first. */
async function hashesOf(
  { runs }: World['store'],
  { dagId, version, pinnedFrom }: DagHead,
): Promise<readonly string[]> {
  const { items } = await runs.list({ dagId, limit: 1_000 });
  const named = [
    version,
    ...(pinnedFrom === undefined ? [] : [pinnedFrom]),
    ...items.map((run) => run.version),
  ];
  return [...new Set(named)];
}
