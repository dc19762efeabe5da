import { isRef, type Value } from '../model/ref.ts';
import type { SqlFile, SqlPart, SqlStatement } from '../model/sql.ts';
import { callerPlace } from './at.ts';
import { report } from './collect.ts';
import { isHandle, kindOf } from './kind-of.ts';

/** What stands between `${` and `}` of a statement: a value that is bound, or one of the marked forms. */
export type SqlValue = Value<string | number | boolean | null> | SqlFragment | Sql;

/** One SQL statement. Not text: its values stay apart from it. */
export interface Sql {
  readonly statement: SqlStatement;
}

/** A part of a statement that is no bound value: a name, a file, raw SQL, a list. */
export interface SqlFragment {
  readonly sqlParts: readonly SqlPart[];
}

export interface FileOptions {
  /** Column → SQL type, `{ id: 'varchar', amount: 'decimal(10, 2)' }`. @default the warehouse infers them, where it can */
  readonly columns?: Readonly<Record<string, string>>;
}

/**
 * One SQL statement. Values become bound parameters, never text: sql`select * from orders where day = ${day}`.
 * Names come by {@link sqlIdentifier}, files by {@link file}; another sql`…` is put in as it is.
 */
function statement(strings: TemplateStringsArray, ...values: readonly SqlValue[]): Sql {
  const parts = strings.flatMap((string, index): SqlPart[] => {
    const before: SqlPart[] = string === '' ? [] : [string];
    return index < values.length ? [...before, ...partsOf(values[index], index)] : before;
  });
  return { statement: { parts } };
}

/** The name of a table, schema or column, quoted: sql.identifier('sales.orders'). */
function identifier(name: Value<string>): SqlFragment {
  return { sqlParts: [{ identifier: name }] };
}

/** SQL text as it is, unchecked: only for text you wrote yourself. */
function raw(text: string): SqlFragment {
  return { sqlParts: [{ raw: text }] };
}

/** Values with commas between them, for `in (…)`: sql`where region in (${sql.list(['eu', 'us'])})`. None: `null`. */
function list(values: readonly Value<string | number | boolean | null>[]): SqlFragment {
  if (values.length === 0) return { sqlParts: [{ raw: 'null' }] };
  const parts = values.flatMap((value, index) => [...(index === 0 ? [] : [', ']), ...partsOf(value, index)]);
  return { sqlParts: parts };
}

/** The tag of SQL statements; its helpers are the marked ways to put something else than a value in. */
export const sql: typeof statement & {
  readonly identifier: typeof identifier;
  readonly raw: typeof raw;
  readonly list: typeof list;
} = Object.assign(statement, { identifier, raw, list });

/** Files as tables, where a table may stand: sql`select * from ${file.json(fetch.output.path)}`. */
export const file = {
  /** A file of JSON: a list of objects, or one object a line. */
  json: (path: Value<string>, options?: FileOptions) => fileOf('json', path, options),
  /** A CSV file with a header line. */
  csv: (path: Value<string>, options?: FileOptions) => fileOf('csv', path, options),
  /** A Parquet file. */
  parquet: (path: Value<string>, options?: FileOptions) => fileOf('parquet', path, options),
};

/** True for what the tag `sql` makes. */
export function isSql(value: unknown): value is Sql {
  return typeof value === 'object' && value !== null && 'statement' in value;
}

function fileOf(format: SqlFile['format'], path: Value<string>, { columns }: FileOptions = {}): SqlFragment {
  const found: SqlFile = { format, path, ...(columns === undefined ? {} : { columns }) };
  return { sqlParts: [{ file: found }] };
}

function partsOf(value: unknown, index: number): readonly SqlPart[] {
  if (typeof value === 'object' && value !== null) {
    if (isRef(value)) return [{ value }];
    if (isFragment(value)) return value.sqlParts;
    if (isSql(value)) return value.statement.parts;
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return [{ value }];
  if (typeof value === 'number' && Number.isFinite(value)) return [{ value }];
  report({
    code: 'sql-value',
    path: `sql\`…\` › value ${index + 1}`,
    message: `must be text, a number, a boolean, null or a Ref to one, got ${kindOf(value)}`,
    remedy: remedyFor(value),
    ...callerPlace(import.meta.url),
  });
  return [{ value: null }];
}

function isFragment(value: object): value is SqlFragment {
  return 'sqlParts' in value;
}

function remedyFor(value: unknown): string {
  if (Array.isArray(value))
    return 'write sql.list(values) in parentheses, or give rows by a file: file.json(path)';
  if (value instanceof Date) return 'give its toISOString()';
  if (typeof value === 'bigint') return 'give its text: String(value)';
  if (value === undefined) return 'give null, or leave the condition out';
  if (isHandle(value)) return 'give a field of its .output';
  return 'give one field of it, or rows by a file: file.json(path)';
}
