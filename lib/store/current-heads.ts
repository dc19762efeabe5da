import type { DagHead } from '../model/dag-version.ts';
import type { DagStore } from './store.ts';

/** Heads of DAGs that the project has, those left out that it has no more. */
export async function currentHeads(dags: Pick<DagStore, 'heads'>): Promise<readonly DagHead[]> {
  return (await dags.heads()).filter(({ retiredAt }) => retiredAt === undefined);
}
