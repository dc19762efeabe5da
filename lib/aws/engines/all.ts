/** What engines do on AWS. Adding one is adding its file here and in `lib/engines`, and a line in each `all.ts`. */
import { engineError, REFUSED } from './errors.ts';
import { connectionOf, type EngineHere, type EnginePlace } from './place.ts';

/** Each is loaded when a task first calls it. */
const ENGINES: Readonly<
  Record<string, ((place: Pick<EnginePlace, 'call' | 'file'>) => Promise<EngineHere>) | undefined>
> = {
  'sql.query': sqlHere,
  'sql.execute': sqlHere,
  'sql.transaction': sqlHere,
  'athena.query': async () => (await import('./athena-query.ts')).athenaQuery,
  'lambda.invoke': async () => (await import('./lambda.ts')).invoke,
  'http.request': async () => (await import('./http.ts')).request,
  's3.key': async () => (await import('./s3-key.ts')).s3Key,
  'file.exists': async () => (await import('./file.ts')).exists,
  'dag.run': async () => (await import('./trigger.ts')).awaitRun,
  'dag.trigger': async () => (await import('./trigger.ts')).triggerDag,
};

/** The connection says which warehouse. */
async function sqlHere(place: Pick<EnginePlace, 'call' | 'file'>): Promise<EngineHere> {
  const { engine = 'duckdb' } = connectionOf(place, 'sql');
  if (engine === 'athena') return (await import('./athena-sql.ts')).athenaSql;
  return (await import('./duckdb.ts')).duckdbSql;
}

/** @throws {Error} `Engine.Refused` for one that a DAG's function cannot run */
export async function engineHere(place: Pick<EnginePlace, 'call' | 'file'>): Promise<EngineHere> {
  const engine = await ENGINES[place.call.engine]?.(place);
  if (engine !== undefined) return engine;
  throw engineError(REFUSED, `${place.call.engine}: must be an engine that a function calls, got none such`);
}
