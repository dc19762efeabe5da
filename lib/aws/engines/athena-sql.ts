/** `sql.*` on Athena: one query after the other, the tables of files before them. */
import type { QueryExecution } from '@aws-sdk/client-athena';
import type { Json, JsonObject } from '../../base/json.ts';
import { engineNamed } from '../../engines/all.ts';
import { filesIn, statementsOf } from '../../runtime/sql-parts.ts';
import { type AthenaApi, athenaApi, queryToken, standOf } from './athena-api.ts';
import { emptyFolder, fillFolder } from './athena-files.ts';
import { sqlOutput } from './athena-output.ts';
import { createTable, dropTable, type FileTable, fileTable, rowsOf } from './athena-tables.ts';
import { athenaText, shownText } from './athena-text.ts';
import type { CalledEngine, Look } from './called.ts';
import { engineError, isEngineError, JOB_FAILED, REFUSED } from './errors.ts';
import { connectionOf, type EngineHere, type EnginePlace, resultsOf } from './place.ts';

export const athenaSql: EngineHere = { open: sqlJob };

/** How a job is known: what its tables are called, how many there are, and the ids of its queries so far. */
interface Queries {
  readonly prefix: string;
  readonly tables: number;
  readonly ids: readonly string[];
}

interface Step {
  readonly text: string;
  /** For people. */
  readonly shown: string;
}

function sqlJob(place: EnginePlace): CalledEngine {
  const config = connectionOf(place, 'sql');
  const api = athenaApi(place.clients, {
    workGroup: config.workGroup ?? 'primary',
    catalog: config.catalog ?? 'AwsDataCatalog',
    database: config.database ?? 'default',
    ...resultsOf(place, config.outputLocation),
  });
  return {
    async submit(args, token) {
      refuseUnfit(place, args);
      const prefix = `tutti_${token.slice(0, 12)}`;
      const tables = tablesOf(args, prefix);
      const [first] = stepsOf(place, args, tables);
      if (first === undefined) throw engineError(REFUSED, 'sql: must be at least one statement, got none');
      const queries = { prefix, tables: tables.length };
      try {
        await filled(place, tables);
        const id = await api.start(first.text, queryToken(token, 'first'));
        return { id: idText({ ...queries, ids: [id] }) };
      } catch (thrown) {
        if (isEngineError(thrown, REFUSED)) await cleared(place, api, queries);
        throw thrown;
      }
    },
    async poll(id) {
      const queries = queriesIn(id);
      try {
        const look = await looked(place, api, queries);
        if (look.state !== 'running') await cleared(place, api, queries);
        return look;
      } catch (thrown) {
        // Athena has said that it never runs the next statement, or no longer knows the last one.
        if (!(thrown instanceof Error && isEngineError(thrown, REFUSED))) throw thrown;
        await cleared(place, api, queries);
        return { state: 'failed', error: REFUSED, cause: thrown.message };
      }
    },
    async cancel(id) {
      const queries = queriesIn(id);
      await api.stop(queries.ids.at(-1) ?? '');
      await cleared(place, api, queries);
    },
  };
}

/** @throws {Error} `Engine.Refused` */
function refuseUnfit({ call, file }: EnginePlace, args: JsonObject): void {
  const { connection = '' } = call;
  const config = file.connections[connection];
  const problems = config === undefined ? [] : (engineNamed(call.engine)?.checkIn?.(args, config) ?? []);
  for (const { path, message, remedy } of problems)
    throw engineError(
      REFUSED,
      `environment "${file.environment}" › connections.${connection} › ${path}: ${message}${remedy === undefined ? '' : `; ${remedy}`}`,
    );
}

function tablesOf(args: JsonObject, prefix: string): readonly FileTable[] {
  return filesIn(statementsOf(args)).map((file, index) => fileTable(file, `${prefix}_${index}`));
}

/** Queries in their order: tables of files, then the author's statements. */
function stepsOf(place: EnginePlace, args: JsonObject, tables: readonly FileTable[]): readonly Step[] {
  const made = tables.map((table) => {
    const text = createTable(table, `s3://${place.file.bucket}/${folderOf(place, table.name)}`);
    return { text, shown: `table of file "${table.path}"` };
  });
  let used = 0;
  const rowsOfNext = () => {
    const table = tables[used++];
    return table === undefined ? '' : rowsOf(table);
  };
  const statements = statementsOf(args).map((statement, index) => ({
    text: athenaText(statement, rowsOfNext),
    shown: `statement ${index + 1} (${shownText(statement)})`,
  }));
  return [...made, ...statements];
}

async function looked(place: EnginePlace, api: AthenaApi, queries: Queries): Promise<Look> {
  const { args } = place;
  const id = queries.ids.at(-1) ?? '';
  const query = await api.get(id);
  const { state, why } = standOf(query);
  const steps = stepsOf(place, args, tablesOf(args, queries.prefix));
  const at = steps[queries.ids.length - 1]?.shown ?? 'statement';
  if (state === 'failed') return { state, error: JOB_FAILED, cause: `${at}: ${why}` };
  if (state === 'running') return { state };
  const next = steps[queries.ids.length];
  if (next !== undefined) {
    // Of this query there is one next one, however often somebody asks for it.
    const started = await api.start(next.text, queryToken(id, 'next'));
    return { state: 'running', id: idText({ ...queries, ids: [...queries.ids, started] }) };
  }
  return { state: 'done', output: await outputOf(place, api, { queries, query }) };
}

function outputOf(
  { call, want, log }: EnginePlace,
  api: AthenaApi,
  { queries, query }: { readonly queries: Queries; readonly query: QueryExecution },
): Promise<Json> {
  const ids = queries.ids.slice(queries.tables);
  return sqlOutput(api, { engine: call.engine, want, ids, type: query.StatementType, log });
}

async function filled(place: EnginePlace, tables: readonly FileTable[]): Promise<void> {
  if (tables.length === 0) return;
  const s3 = await place.clients.s3();
  const { bucket } = place.file;
  for (const table of tables) await fillFolder(s3, table, { bucket, key: folderOf(place, table.name) });
}

/** Tables of files go, and what they were over. That they stay disturbs nobody: a failure is told and no more. */
async function cleared(
  place: EnginePlace,
  api: AthenaApi,
  { prefix, tables }: Omit<Queries, 'ids'>,
): Promise<void> {
  const { clients, file, log } = place;
  for (let index = 0; index < tables; index++) {
    const name = `${prefix}_${index}`;
    try {
      await api.start(dropTable(name), queryToken(name, 'drop'));
      await emptyFolder(await clients.s3(), { bucket: file.bucket, key: folderOf(place, name) });
    } catch (error) {
      log.warn(
        `table ${name} of a file is left behind: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

function folderOf({ folder }: EnginePlace, name: string): string {
  return `${folder}${name}/`;
}

/** `<id>,<id>`, with tables `<prefix>:<count>/<id>,<id>`. */
function idText({ prefix, tables, ids }: Queries): string {
  return tables === 0 ? ids.join(',') : `${prefix}:${tables}/${ids.join(',')}`;
}

function queriesIn(id: string): Queries {
  const [, prefix = '', tables = '0', ids = ''] = /^(?:(\w+):(\d+)\/)?(.*)$/.exec(id) ?? [];
  return { prefix, tables: Number(tables), ids: ids.split(',') };
}
