/** What queries of Athena gave, as far as a later task reads it. */
import type { ColumnInfo } from '@aws-sdk/client-athena';
import type { Json, JsonObject } from '../../base/json.ts';
import type { Log } from '../../model/context.ts';
import { pageWarning, queryOutput, RowPage, rowsWanted, wants } from '../../runtime/sql-page.ts';
import type { AthenaApi } from './athena-api.ts';
import { isHeader, rowOf } from './athena-rows.ts';

export interface OutputOf {
  readonly engine: string;
  readonly want: readonly string[];
  /** Of the author's statements. */
  readonly ids: readonly string[];
  /** Of the last one: `DML`, `DDL`, `UTILITY`. */
  readonly type: string | undefined;
  readonly log: Pick<Log, 'warn'>;
}

/** Largest page of results. @see https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html */
const MAX_RESULTS = 1000;

export async function sqlOutput(api: AthenaApi, asked: OutputOf): Promise<Json> {
  const { engine, want, ids } = asked;
  if (engine === 'sql.query') return rowsOutput(api, asked);
  if (engine === 'sql.execute') {
    const [id] = ids;
    return id === undefined || !wants(want, 'rowCount') ? {} : { rowCount: await changed(api, id) };
  }
  if (!wants(want, 'rowCounts')) return {};
  return { rowCounts: await Promise.all(ids.map((id) => changed(api, id))) };
}

async function changed(api: AthenaApi, id: string): Promise<number> {
  const { UpdateCount = 0 } = await api.results(id, { atMost: 1 });
  return UpdateCount;
}

async function rowsOutput(api: AthenaApi, { want, ids, type, log }: OutputOf): Promise<Json> {
  const [id = ''] = ids;
  const atMost = rowsWanted(want);
  const isCounted = wants(want, 'rowCount');
  if (atMost === 0) return isCounted ? queryOutput([], (await api.rowCount(id)) ?? 0) : queryOutput([]);
  const { rows, isAll } = await firstRows(api, id, { atMost, type });
  if (isAll) return queryOutput(rows, rows.length);
  const rowCount = isCounted || atMost > 1 ? await api.rowCount(id) : undefined;
  const warning = pageWarning(rows, rowCount ?? 0);
  if (warning !== undefined) log.warn(warning);
  return queryOutput(rows, rowCount);
}

/** `isAll`: there are no more. */
async function firstRows(
  api: AthenaApi,
  id: string,
  { atMost, type }: { readonly atMost: number; readonly type: string | undefined },
): Promise<{ readonly rows: readonly Json[]; readonly isAll: boolean }> {
  const page = new RowPage(atMost);
  let after: string | undefined;
  let seen = 0;
  do {
    const isFirst = after === undefined;
    const found = await api.results(id, {
      // One more: the names of the columns, or the row that says that there are more.
      atMost: Math.min(atMost + 2, MAX_RESULTS),
      ...(after === undefined ? {} : { after }),
    });
    const rows = rowsIn(found.ResultSet, isFirst && type !== 'DDL' && type !== 'UTILITY');
    seen += rows.length;
    for (const row of rows) page.add(row);
    after = found.NextToken;
  } while (after !== undefined && !page.isFull);
  return { rows: page.rows, isAll: after === undefined && page.rows.length === seen };
}

function rowsIn(
  result: {
    readonly Rows?: Parameters<typeof rowOf>[1][];
    readonly ResultSetMetadata?: { readonly ColumnInfo?: ColumnInfo[] | undefined };
  } = {},
  hasHeader: boolean,
): readonly JsonObject[] {
  const { Rows = [], ResultSetMetadata } = result;
  const columns = ResultSetMetadata?.ColumnInfo ?? [];
  const [first] = Rows;
  const isSkipped = hasHeader && first !== undefined && isHeader(columns, first);
  return Rows.slice(isSkipped ? 1 : 0).map((row) => rowOf(columns, row));
}
