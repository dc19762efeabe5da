import { shortHash } from '../base/hash.ts';
import type { DagHead, DagVersion } from '../model/dag-version.ts';

type HeadFacts = Pick<DagHead, 'version' | 'description' | 'owner' | 'tags' | 'schedule'> & {
  readonly definition: string;
};

/** What a DAG's head says of the version it is at. */
export function headFacts({ dag, manifest }: DagVersion): HeadFacts {
  return {
    version: manifest.hash,
    definition: shortHash(JSON.stringify([dag, manifest])),
    ...(dag.description === undefined ? {} : { description: dag.description }),
    ...(dag.owner === undefined ? {} : { owner: dag.owner }),
    tags: dag.tags,
    schedule: manifest.schedule,
  };
}
