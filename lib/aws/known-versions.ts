import type { DagVersion } from '../model/dag-version.ts';
import type { DagStore } from '../store/store.ts';

/** Versions kept: of a large DAG one is some 100 KB. */
const MOST_KEPT = 64;

/** Versions as they were read: what has a hash never changes. */
export function knownVersions(
  dags: Pick<DagStore, 'version'>,
): (dagId: string, hash: string) => Promise<DagVersion | undefined> {
  const kept = new Map<string, DagVersion>();
  return async (dagId, hash) => {
    const key = `${dagId} ${hash}`;
    const version = kept.get(key) ?? (await dags.version(dagId, hash));
    if (version === undefined) return undefined;
    // The last asked for is the last to go.
    kept.delete(key);
    kept.set(key, version);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return version;
  };
}
