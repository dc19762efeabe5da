import type { DagNode } from '../model/dag.ts';
import type { Surroundings } from './context/fn-context.ts';

/**
 * Opens the database of every SQL connection that a DAG's tasks use here, and keeps it open until the
 * result is called: a locked file is refused before anything starts.
 *
 * @throws {RefusedError} `database-locked`, `database-unusable`
 */
export async function holdDatabases(
  dag: DagNode,
  { root, environment }: Surroundings,
): Promise<() => Promise<void>> {
  const names = new Set(
    dag.tasks.flatMap(({ call }) =>
      (call.kind === 'engine' && !call.local) || call.kind === 'sensor' ? [call.connection] : [],
    ),
  );
  const used = dag.connections.filter(({ name, kind }) => kind === 'sql' && names.has(name));
  if (used.length === 0) return async () => undefined;
  const { closeDatabase, databaseFile, openDatabase } = await import('./engines/databases.ts');
  const held: string[] = [];
  const release = async () => {
    for (const file of held.splice(0)) await closeDatabase(file);
  };
  try {
    for (const { name } of used) {
      const config = environment.connections[name];
      const file = databaseFile(root, name, config?.kind === 'sql' ? config : { kind: 'sql' });
      await openDatabase(name, file);
      held.push(file);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}
