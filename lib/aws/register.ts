/** The custom resource of a stack of DAGs: what the stack has is made known, what it has no more is retired first. */
import { RefusedError } from '../base/errors.ts';
import type { RegisteredDag, RegisterProperties } from '../deployment/events.ts';
import type { DagVersion } from '../model/dag-version.ts';
import { type Registered, registerDags } from '../orchestrator/register.ts';
import { assertRemovable } from './removed-dags.ts';
import type { AwsClient } from './signed/command.ts';
import { GetObjectCommand } from './signed/commands.ts';
import type { AwsWorld } from './world.ts';

/** What CloudFormation asks for. */
export interface RegisterRequest {
  readonly kind: 'Create' | 'Update' | 'Delete';
  readonly now: RegisterProperties;
  /** Of an update: what the stack had. */
  readonly before?: RegisterProperties;
  /** Until when it must be done, milliseconds since the epoch. */
  readonly untilMs: number;
}

/**
 * Makes it so. Of a deletion all DAGs of the stack are removed.
 *
 * @throws {RefusedError} `active-runs`, `invalid-manifest`
 */
export async function register(world: AwsWorld, request: RegisterRequest): Promise<Registered> {
  const { kind, now, before, untilMs } = request;
  const stack = now.Stack;
  const dags = kind === 'Delete' ? [] : now.Dags;
  const versions = dags.length === 0 ? [] : versionsOf(dags, await manifestOf(world, now));
  const registered = await registerDags(world, versions, { stack });
  const has = new Set(dags.map(({ id }) => id));
  const had = [...(before?.Dags ?? []), ...(kind === 'Delete' ? now.Dags : [])].map(({ id }) => id);
  const gone = new Set([...had, ...registered.retired].filter((id) => !has.has(id)));
  const removal = { stack, dagIds: [...gone], cancel: now.Cancel ?? [], untilMs };
  await assertRemovable(world, removal);
  return registered;
}

/** Manifests of the stack's DAGs, without deployments. */
async function manifestOf(world: AwsWorld, properties: RegisterProperties): Promise<readonly DagVersion[]> {
  const { ManifestBucket: bucket, ManifestKey: key } = properties;
  const prefix = `tutti/${world.place.environment}/`;
  if (!key.startsWith(prefix))
    throw invalid(
      `ManifestKey: must begin with ${prefix}, got "${key}"; deploy with the constructs of tutti`,
    );
  const text = await read(world.clients.s3, bucket, key);
  const manifest: unknown = JSON.parse(text);
  if (Array.isArray(manifest)) return manifest as readonly DagVersion[];
  throw invalid(`s3://${bucket}/${key}: must be a list of DAGs, got ${text.slice(0, 80)}`);
}

async function read(client: AwsClient, Bucket: string, Key: string): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? '';
}

/** Each with where it is deployed. */
function versionsOf(dags: readonly RegisteredDag[], manifest: readonly DagVersion[]): readonly DagVersion[] {
  return dags.map(({ id, hash, fns, ...deployed }) => {
    const version = manifest.find(({ dag }) => dag.id === id);
    if (version === undefined || version.manifest.hash !== hash)
      throw invalid(
        `dag "${id}": must be in the manifest with version ${hash}, got ${version?.manifest.hash ?? 'none'}; synthesise again`,
      );
    const main = fns['main'];
    if (main === undefined) throw invalid(`dag "${id}" › fns.main: must be given, got nothing`);
    return { ...version, deployment: { ...deployed, fns: { ...fns, main } } };
  });
}

function invalid(what: string): RefusedError {
  return new RefusedError('invalid-manifest', `register › ${what}`);
}
