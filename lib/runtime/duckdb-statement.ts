/** A statement's parts as DuckDB's SQL: values and paths are bound, names are quoted. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { namedError } from './named-error.ts';
import { partsOf } from './sql-parts.ts';

export interface BoundStatement {
  /** With `$1`, `$2` … where values stand. */
  readonly text: string;
  readonly values: readonly Scalar[];
}

export type Scalar = string | number | boolean | null;

/** Where DuckDB finds the file that a statement names. */
export type PlaceOf = (path: string) => string;

/** @throws {Error} `Sql.BadValue` for a value that is no scalar */
export function boundStatement(statement: Json, placeOf: PlaceOf): BoundStatement {
  const values: Scalar[] = [];
  const bind = (value: Scalar) => `$${values.push(value)}`;
  const text = partsOf(statement)
    .map((part) => partText(part, bind, placeOf))
    .join('');
  return { text, values };
}

type Bind = (value: Scalar) => string;

function partText(part: Json, bind: Bind, placeOf: PlaceOf): string {
  if (typeof part === 'string') return part;
  if (!isObject(part)) throw badValue('part', part);
  // A Ref without a value leaves its key out: that is SQL's null.
  if ('identifier' in part) return identifierText(part['identifier']);
  if (typeof part['raw'] === 'string') return part['raw'];
  if (isObject(part['file'])) return fileText(part['file'], bind, placeOf);
  return bind(scalar(part['value'] ?? null));
}

function scalar(value: Json): Scalar {
  if (value === null || typeof value !== 'object') return value;
  throw badValue('value', value);
}

/** `a.b` → `"a"."b"`. */
function identifierText(name: Json | undefined): string {
  if (typeof name !== 'string' || name === '') throw badValue('identifier', name);
  return name.split('.').map(quoted).join('.');
}

function fileText(file: JsonObject, bind: Bind, placeOf: PlaceOf): string {
  const { path, format, columns } = file;
  if (typeof path !== 'string' || path === '') throw badValue('file', path);
  const place = bind(placeOf(path));
  const types = isObject(columns) ? Object.entries(columns) : [];
  if (types.length === 0) return `${AUTOMATIC[String(format)] ?? 'read_json_auto'}(${place}, ${NO_HIVE})`;
  if (format === 'parquet') {
    const casts = types.map(([name, type]) => `${quoted(name)}::${typeText(type)} as ${quoted(name)}`);
    return `(select ${casts.join(', ')} from read_parquet(${place}, ${NO_HIVE}))`;
  }
  const list = types.map(([name, type]) => `${literal(name)}: ${literal(typeText(type))}`);
  // A column list is a literal to DuckDB: it cannot be bound.
  const header = format === 'csv' ? ', header = true' : '';
  return `${format === 'csv' ? 'read_csv' : 'read_json'}(${place}, columns = {${list.join(', ')}}${header}, ${NO_HIVE})`;
}

/** `date=2026-01-05` in a path is a folder's name: the rows of a file are those that are in it. */
const NO_HIVE = 'hive_partitioning = false';

const AUTOMATIC: Readonly<Record<string, string | undefined>> = {
  json: 'read_json_auto',
  csv: 'read_csv_auto',
  parquet: 'read_parquet',
};

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function typeText(type: Json | undefined): string {
  if (typeof type === 'string' && /^[\w ,()[\]"]+$/.test(type)) return type;
  throw badValue('file › columns', type);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function badValue(what: string, value: Json | undefined): Error {
  return namedError(
    'Sql.BadValue',
    `sql › ${what}: must be ${WANTED[what] ?? 'text, a number, true, false or null'}, got ${JSON.stringify(value)}`,
  );
}

const WANTED: Readonly<Record<string, string | undefined>> = {
  identifier: 'the name of a table or column',
  file: 'the path of a file',
  'file › columns': 'the name of an SQL type',
  part: 'text, a value, a name or a file',
};
