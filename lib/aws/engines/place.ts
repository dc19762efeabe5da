/** What an engine's verb here is made of. */
import type { Json } from '../../base/json.ts';
import { BUCKET } from '../../deployment/names.ts';
import type { ConnectionConfig } from '../../model/environment.ts';
import type { CallEngine, EngineContext } from '../task/engine-call.ts';
import type { CalledEngine } from './called.ts';
import { engineError, REFUSED } from './errors.ts';
import type { JobKey } from './job.ts';

/** Where a job is submitted, looked at, or only cancelled: then there are neither `args` nor a `context`. */
export type EnginePlace = Pick<
  EngineContext,
  'call' | 'args' | 'want' | 'file' | 'clients' | 'log' | 'signal' | 'nowMs'
> & {
  readonly context?: EngineContext['context'];
  readonly dagId: string;
  /** Until the call must have ended. @default nobody waits */
  readonly remainingMs?: EngineContext['remainingMs'];
  /** Of the environment's bucket, the job's own: `values/<dag>/<run>/jobs/<attempt>/`. */
  readonly folder: string;
  /** Whether the jobs of the execution are being cancelled: a last look before what cannot be taken back. */
  readonly isStopped?: () => Promise<boolean>;
};

/**
 * An engine's verb on AWS. Either a job that is `open`ed, by the ledger; a sensor's `look` may go by without it. Or an
 * `answer` at once, that may be asked for twice.
 */
export type EngineHere =
  | { readonly open: (place: EnginePlace) => CalledEngine; readonly look?: CallEngine }
  | { readonly answer: CallEngine };

/** Folder of an execution's jobs, for what is too large for the ledger or must be a file. */
export function jobFolder({ dagId, runId, attempt }: Pick<JobKey, 'dagId' | 'runId' | 'attempt'>): string {
  return `${BUCKET.values}${dagId}/${runId}/jobs/${attempt}/`;
}

/** Where Athena puts results, `s3://…/`, if it is not the work group that keeps them. */
export function resultsOf(
  { file, dagId }: Pick<EnginePlace, 'file' | 'dagId'>,
  given: Json | undefined,
): { readonly outputLocation?: string } {
  if (given === false) return {};
  const own = `s3://${file.bucket}/${BUCKET.athena}${dagId}/`;
  return { outputLocation: typeof given === 'string' ? given : own };
}

/** What the call's connection is bound to. @throws {Error} `Engine.Refused` */
export function connectionOf<Kind extends ConnectionConfig['kind']>(
  { call: { connection = '' }, file }: Pick<EnginePlace, 'call' | 'file'>,
  kind: Kind,
): Extract<ConnectionConfig, { readonly kind: Kind }> {
  const config = file.connections[connection];
  if (config?.kind === kind) return config as Extract<ConnectionConfig, { readonly kind: Kind }>;
  throw engineError(
    REFUSED,
    `environment "${file.environment}" › connections.${connection}: must be a connection of kind ${kind}, got ${config?.kind ?? 'none'}; deploy it again`,
  );
}
