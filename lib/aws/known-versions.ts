import { RecentMap } from '../base/recent-map.ts';
import type { DagVersion } from '../model/dag-version.ts';
import type { DagStore } from '../store/store.ts';

/** Versions kept: of a large DAG one is some 100 KB. */
const MOST_KEPT = 64;

/** Versions as they were read: what has a hash never changes. */
export function knownVersions(
  dags: Pick<DagStore, 'version'>,
): (dagId: string, hash: string) => Promise<DagVersion | undefined> {
  const kept = new RecentMap<string, DagVersion>(MOST_KEPT);
  return async (dagId, hash) => {
    const key = `${dagId} ${hash}`;
    const version = kept.get(key) ?? (await dags.version(dagId, hash));
    if (version === undefined) return undefined;
    kept.set(key, version);
    return version;
  };
}
