/**
 * Files as Athena's tables. It reads no file by its name: each gets a folder with nothing else in it, and an external table
 * over that folder, which go when the statements have ended.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/tables-location-format.html
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { badValue, literal, quoted } from './athena-text.ts';

/** A file that stands where a table may, and the table that is made for it. */
export interface FileTable {
  readonly format: 'json' | 'csv' | 'parquet';
  /** As the author gave it. */
  readonly path: string;
  readonly columns: readonly (readonly [name: string, type: string])[];
  /** `tutti_1a2b3c4d5e6f_0` */
  readonly name: string;
}

/** @throws {Error} `Sql.BadValue` */
export function fileTable({ format, path, columns }: JsonObject, name: string): FileTable {
  if (typeof path !== 'string' || path === '') throw badValue('file', path);
  const types = isObject(columns) ? Object.entries(columns) : [];
  const known = format === 'csv' || format === 'parquet' ? format : 'json';
  return { format: known, path, columns: types.map(([column, type]) => [column, typeText(type)]), name };
}

/** The statement that makes it, over a folder, `s3://bucket/folder/`. */
export function createTable({ format, columns, name }: FileTable, folder: string): string {
  const list = columns.map(([column, type]) => {
    // Rows of text are cast as they are read: serialisers know too few ways to write an instant.
    const kept = format === 'parquet' ? hiveType(type) : 'string';
    return `${quoted(column, 'hive')} ${kept}`;
  });
  const made = `create external table if not exists ${quoted(name, 'hive')} (${list.join(', ')})`;
  return `${made} ${STORED[format]} location ${literal(folder, 'hive')}${format === 'csv' ? HEADER : ''}`;
}

const STORED: Readonly<Record<FileTable['format'], string>> = {
  json: "row format serde 'org.openx.data.jsonserde.JsonSerDe'",
  csv: "row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'",
  parquet: 'stored as parquet',
};

const HEADER = " tblproperties ('skip.header.line.count' = '1')";

export function dropTable(name: string): string {
  return `drop table if exists ${quoted(name, 'hive')}`;
}

/** What stands for the file in a statement: its rows, of the types that the author names. */
export function rowsOf({ format, columns, name }: FileTable): string {
  const list = columns.map(([column, type]) => {
    const own = quoted(column, 'trino');
    const given = format === 'csv' ? `nullif(${own}, '')` : own;
    const cast = format === 'parquet' ? `cast(${given} as ${trinoType(type)})` : castOf(given, type);
    return `${cast} as ${own}`;
  });
  return `(select ${list.join(', ')} from ${quoted(name, 'trino')})`;
}

/** Instants come as ISO 8601 writes them, with `T` or a blank. */
function castOf(given: string, type: string): string {
  const known = trinoType(type);
  if (known === 'varchar') return given;
  const instant = `from_iso8601_timestamp(replace(${given}, ' ', 'T'))`;
  if (known === 'timestamp with time zone') return instant;
  if (known === 'timestamp') return `cast(at_timezone(${instant}, 'UTC') as timestamp)`;
  return `cast(${given} as ${known})`;
}

/** Names of types that DuckDB and the standard have for those of Trino. */
const TRINO_TYPES: Readonly<Record<string, string>> = {
  text: 'varchar',
  string: 'varchar',
  json: 'varchar',
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  float: 'real',
  float4: 'real',
  float8: 'double',
  bool: 'boolean',
  timestamptz: 'timestamp with time zone',
};

const HIVE_TYPES: Readonly<Record<string, string>> = {
  varchar: 'string',
  integer: 'int',
  real: 'float',
  'timestamp with time zone': 'timestamp',
};

function trinoType(type: string): string {
  const name = type.trim().toLowerCase().replace(/\s+/g, ' ');
  return TRINO_TYPES[name] ?? name;
}

function hiveType(type: string): string {
  const name = trinoType(type);
  return HIVE_TYPES[name] ?? name;
}

function typeText(type: Json | undefined): string {
  if (typeof type === 'string' && /^[\w ,()]+$/.test(type)) return type;
  throw badValue('file › columns', type);
}
