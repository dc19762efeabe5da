import { existsSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Difference } from './difference.ts';

/**
 * Tables that are not the same in two DuckDB files, row by row whatever their order. `name` is `connection.table`,
 * with its schema where that is not `main`.
 */
export async function tableDifferences(
  connection: string,
  first: string,
  second: string,
): Promise<readonly Difference[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const duckdb = await instance.connect();
  try {
    await attach(duckdb, first, 'first');
    await attach(duckdb, second, 'second');
    const ask = async (query: string) => (await duckdb.runAndReadAll(query)).getRowObjectsJson();
    const tables = await tablesIn(ask);
    const found = await inTurn(tables, (table) => differenceOf(ask, table));
    return found.map(({ name, got }) => ({ kind: 'table', name: `${connection}.${name}`, got }));
  } finally {
    duckdb.closeSync();
    instance.closeSync();
  }
}

type Ask = (query: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

interface Table {
  /** With its schema where that is not `main`. */
  readonly name: string;
  /** Quoted, with its schema. */
  readonly quoted: string;
  /** Of each file; absent: the table is not there. */
  readonly columns: Readonly<Partial<Record<'first' | 'second', readonly string[]>>>;
}

/** A file that no task has made is a database without tables. */
async function attach(duckdb: DuckDBConnection, file: string, as: string): Promise<void> {
  const source = existsSync(file) ? `'${file.replaceAll("'", "''")}'` : `':memory:'`;
  await duckdb.run(`attach ${source} as "${as}"${existsSync(file) ? ' (read_only)' : ''}`);
}

async function tablesIn(ask: Ask): Promise<readonly Table[]> {
  const rows = await ask(`
    select t.database_name as file, t.schema_name as schema, t.table_name as name,
           to_json(list(c.column_name || ' ' || c.data_type order by c.column_index)) as columns
    from duckdb_tables() t join duckdb_columns() c using (database_name, schema_name, table_name)
    where t.database_name in ('first', 'second') and not t.internal
    group by all
    order by all`);
  const tables = new Map<string, Table>();
  for (const { file, schema, name, columns } of rows) {
    const key = schema === 'main' ? String(name) : `${schema}.${name}`;
    const before = tables.get(key)?.columns;
    const quoted = `${quote(String(schema))}.${quote(String(name))}`;
    const listed: readonly string[] = JSON.parse(String(columns));
    tables.set(key, { name: key, quoted, columns: { ...before, [String(file)]: listed } });
  }
  return [...tables.values()];
}

async function differenceOf(ask: Ask, table: Table): Promise<Pick<Difference, 'name' | 'got'> | undefined> {
  const { name, quoted, columns } = table;
  const { first, second } = columns;
  if (first === undefined) return { name, got: 'a table only after the second run' };
  if (second === undefined) return { name, got: 'no table after the second run' };
  if (first.join() !== second.join())
    return { name, got: `columns ${first.join(', ')}, then ${second.join(', ')}` };
  const only = async (of: 'first' | 'second', what: string) => {
    const other = of === 'first' ? 'second' : 'first';
    const query = `select ${what} from ${of}.${quoted} except all select ${what} from ${other}.${quoted}`;
    const [row] = await ask(`select count(*)::varchar as count from (${query})`);
    return Number(row?.['count'] ?? 0);
  };
  const [lost, added] = [await only('first', '*'), await only('second', '*')];
  if (lost + added === 0) return undefined;
  const rows = async (of: string) =>
    Number((await ask(`select count(*)::varchar as count from ${of}.${quoted}`))[0]?.['count'] ?? 0);
  const [before, after] = [await rows('first'), await rows('second')];
  if (before !== after) return { name, got: `${before} rows, then ${after}` };
  const names = await columnNames(ask, quoted);
  const differing = await inTurn(names, async (column) =>
    (await only('first', quote(column))) > 0 ? column : undefined,
  );
  const where = differing.length === 0 ? '' : ` in ${differing.join(', ')}`;
  return { name, got: `other values${where} (${lost} of ${before} rows)` };
}

async function columnNames(ask: Ask, quoted: string): Promise<readonly string[]> {
  return (await ask(`describe first.${quoted}`)).map(({ column_name: name }) => String(name));
}

async function inTurn<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R | undefined>,
): Promise<readonly R[]> {
  const found: R[] = [];
  for (const item of items) {
    const result = await work(item);
    if (result !== undefined) found.push(result);
  }
  return found;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
