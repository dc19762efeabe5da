/** Whether an attempt could start: told before anything is written, not by a run that fails. */
import { RefusedError } from '../base/errors.ts';
import type { Run } from '../model/run.ts';
import type { KnownDag } from './known.ts';
import type { World } from './ports.ts';

/** @throws {RefusedError} `no-code`, `other-version`: another attempt of a run with this version could not start here */
export async function assertCodeHere(
  { launcher }: World,
  { dagId, id }: Run,
  { hash, dag }: { readonly hash: string; readonly dag: KnownDag },
): Promise<void> {
  if (launcher.hasCode === undefined || (await launcher.hasCode(dagId, hash))) return;
  const version = `version ${hash.slice(0, 8)}`;
  if (hash === dag.head.version)
    throw new RefusedError(
      'no-code',
      `dag "${dagId}" › ${version}: must be among the pipelines here, got none; bring its file back`,
    );
  throw new RefusedError(
    'other-version',
    `dag "${dagId}" › run "${id}": must be of a version whose code is here, got ${version}, and the DAG was changed since; clear it with the latest (--latest, latest: true)`,
  );
}

/** The command that runs what failed of a run again: with the newest version where the run has another one. */
export function againCommand(
  { dagId, id, version }: Pick<Run, 'dagId' | 'id' | 'version'>,
  newest: string,
  what = '--failed',
): string {
  return `tutti clear ${dagId} ${id} ${what}${version === newest ? '' : ' --latest'}`;
}
