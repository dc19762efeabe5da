/** Athena's rows as JSON, like those of DuckDB: numbers where they are exact, ISO 8601 for times. */
import type { ColumnInfo, Row } from '@aws-sdk/client-athena';
import type { Json, JsonObject } from '../../base/json.ts';

/** `columns` as the result names them. A value without text is null. */
export function rowOf(columns: readonly ColumnInfo[], { Data = [] }: Row): JsonObject {
  return Object.fromEntries(
    columns.map(({ Name = '', Type = 'varchar' }, index) => {
      const text = Data[index]?.VarCharValue;
      return [Name, text === undefined ? null : jsonOf(text, Type)];
    }),
  );
}

/** The first row of a query's result is the names of its columns. */
export function isHeader(columns: readonly ColumnInfo[], { Data = [] }: Row): boolean {
  return columns.every(({ Name }, index) => Data[index]?.VarCharValue === Name);
}

/** @see https://docs.aws.amazon.com/athena/latest/ug/data-types.html */
function jsonOf(text: string, type: string): Json {
  if (type === 'boolean') return text === 'true';
  if (INTEGERS.has(type) || type === 'decimal') return exact(text);
  if (type === 'double' || type === 'real' || type === 'float') return finite(text);
  if (type === 'timestamp') return instant(text);
  if (type === 'timestamp with time zone') return zoned(text);
  return type === 'json' ? parsed(text) : text;
}

const INTEGERS = new Set(['tinyint', 'smallint', 'integer', 'int', 'bigint']);

/** A number where a double holds it exactly (15 digits always do), else its text. */
function exact(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) || text.replace(/\D/g, '').length <= 15 ? number : text;
}

/** JSON has no `NaN`. */
function finite(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** `2026-01-05 01:00:00.000` → `2026-01-05T01:00:00`; a fraction only where there is one. */
function instant(text: string): string {
  return text
    .replace(' ', 'T')
    .replace(/\.(\d*?)0*$/, (_, digits: string) => (digits === '' ? '' : `.${digits}`));
}

/** `2026-01-05 01:00:00.000 UTC` → `2026-01-05T01:00:00.000Z`; other zones stay as they are. */
function zoned(text: string): string {
  const [, day, time] = /^(\S+) (\S+) (?:UTC|\+00:00)$/.exec(text) ?? [];
  const ms = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(ms) ? text : new Date(ms).toISOString();
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
