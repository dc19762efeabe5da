/**
 * A statement's parts as Athena's SQL. Athena binds values in some statements only, and none longer than 1,024 characters:
 * here all of them are written as literals, by the rules of the parser that reads the statement. Queries and changes of
 * rows are read by Trino's, definitions of tables by Hive's.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html
 * @see https://docs.aws.amazon.com/athena/latest/ug/reserved-words.html
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { namedError } from '../../runtime/named-error.ts';
import { partsOf } from '../../runtime/sql-parts.ts';

export type Dialect = 'trino' | 'hive';

/** Says what stands for a file: a subquery over a table that was made for it. */
export type RowsOf = (file: JsonObject) => string;

/** @throws {Error} `Sql.BadValue` for a value that is no scalar */
export function athenaText(statement: Json, rowsOf: RowsOf): string {
  const parts = partsOf(statement);
  const dialect = dialectOf(parts);
  return parts.map((part) => partText(part, dialect, rowsOf)).join('');
}

/** As the author wrote it, for people: `?` stands for values. */
export function shownText(statement: Json): string {
  const parts = partsOf(statement).map((part) => {
    if (typeof part === 'string') return part;
    if (!isObject(part)) return '?';
    return String(part['identifier'] ?? part['raw'] ?? '?');
  });
  return parts.join('').trim().replace(/\s+/g, ' ').slice(0, 200);
}

/** Statements that Trino's parser reads; all others are Hive's. */
const TRINO =
  /^(select|with|values|table|insert|update|delete|merge|unload|explain|execute|prepare|create\s+(or\s+replace\s+)?view|create\s+table\b[\s\S]*?\bas\s*\(?\s*(select|with|values|table)\b)/i;

function dialectOf(parts: readonly Json[]): Dialect {
  // What the author wrote decides, never a value.
  const written = parts.map((part) => (typeof part === 'string' ? part : ' x ')).join('');
  const text = written.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').replace(/^[\s(]+/, '');
  return TRINO.test(text) ? 'trino' : 'hive';
}

function partText(part: Json, dialect: Dialect, rowsOf: RowsOf): string {
  if (typeof part === 'string') return part;
  if (!isObject(part)) throw badValue('part', part);
  // A Ref without a value leaves its key out: that is SQL's null.
  if ('identifier' in part) return identifierText(part['identifier'], dialect);
  if (typeof part['raw'] === 'string') return part['raw'];
  if (isObject(part['file'])) return rowsOf(part['file']);
  return literal(part['value'] ?? null, dialect);
}

/** `a.b` → `"a"."b"`, where Hive reads it `` `a`.`b` ``. */
function identifierText(name: Json | undefined, dialect: Dialect): string {
  if (typeof name !== 'string' || name === '') throw badValue('identifier', name);
  return name
    .split('.')
    .map((part) => quoted(part, dialect))
    .join('.');
}

export function quoted(name: string, dialect: Dialect): string {
  return dialect === 'trino' ? `"${name.replaceAll('"', '""')}"` : `\`${name.replaceAll('`', '``')}\``;
}

/** A value as it stands in the statement. */
export function literal(value: Json, dialect: Dialect): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return dialect === 'trino' ? trinoText(value) : hiveText(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  throw badValue('value', value);
}

/** Backslashes are nothing special to Trino. */
function trinoText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** To Hive they are: `'a\'` would not end there, and two quotes would end it. */
function hiveText(text: string): string {
  const escaped = text.replace(/[\\'"\n\r\t\0]/g, (char) => HIVE_ESCAPES[char] ?? char);
  return `'${escaped}'`;
}

const HIVE_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
};

/** A blank before a sign: after another sign it would begin a comment. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) throw badValue('value', String(value));
  const text = String(Object.is(value, -0) ? 0 : value)
    .replace('e+', 'E')
    .replace('e', 'E');
  return value < 0 ? ` ${text}` : text;
}

export function badValue(what: string, value: Json | undefined): Error {
  const text = `sql › ${what}: must be ${WANTED[what] ?? 'text, a number, true, false or null'}, got ${JSON.stringify(value)}`;
  return namedError('Sql.BadValue', text);
}

const WANTED: Readonly<Record<string, string | undefined>> = {
  identifier: 'the name of a table or column',
  file: 'the path of a file',
  'file › columns': 'the names of SQL types',
  part: 'text, a value, a name or a file',
};
