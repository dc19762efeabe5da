import type { DagVersion } from '../../model/dag-version.ts';
import { currentHeads } from '../../store/current-heads.ts';
import type { Store } from '../../store/store.ts';

/**
 * DAGs that are known, and not among these, because their file has mistakes: that hides them, and does not retire them.
 * `isHidden`: whether the file that a DAG was in may hide it.
 */
export async function hiddenVersions(
  { dags }: Store,
  versions: readonly DagVersion[],
  isHidden: (file: string | undefined) => boolean,
): Promise<readonly DagVersion[]> {
  const there = new Set(versions.map(({ dag }) => dag.id));
  const heads = (await currentHeads(dags)).filter(({ dagId }) => !there.has(dagId));
  const found = await Promise.all(heads.map(({ dagId, version }) => dags.version(dagId, version)));
  return found.flatMap((version) =>
    version !== undefined && isHidden(version.dag.at?.file) ? [version] : [],
  );
}
