/** DuckDB's rows as JSON that TypeScript code expects: numbers where they are exact, ISO 8601 for times. */
import type {
  Json as DuckDBJson,
  DuckDBResult,
  DuckDBTimestampTZValue,
  DuckDBValueConverter,
} from '@duckdb/node-api';
import type { Json } from '../base/json.ts';
import { RowPage } from './sql-page.ts';

/** The package, which whoever runs statements has loaded: in most functions on AWS there is none. */
export type DuckDB = typeof import('@duckdb/node-api');

export interface Page {
  /** The first rows, within the bounds; none where nobody wants them. */
  readonly rows: readonly Json[];
  /** Of all rows. */
  readonly rowCount: number;
}

/** Reads a result to its end, keeping at most `atMost` rows. */
export async function pageOf(duckdb: DuckDB, result: DuckDBResult, atMost: number): Promise<Page> {
  const { rows, rowCount } = atMost > 0 ? await firstRows(duckdb, result, atMost) : NO_ROWS;
  let rest = 0;
  // What is beyond the page is counted, never converted or kept.
  for await (const chunk of result) rest += chunk.rowCount;
  return { rows, rowCount: rowCount + rest };
}

const NO_ROWS: Page = { rows: [], rowCount: 0 };

/** The first rows, and how many were read for them. */
async function firstRows(duckdb: DuckDB, result: DuckDBResult, atMost: number): Promise<Page> {
  const page = new RowPage(atMost);
  let rowCount = 0;
  for await (const chunk of result.yieldConvertedRowObjects(converterOf(duckdb))) {
    rowCount += chunk.length;
    for (const row of chunk) page.add(row);
    if (page.isFull) break;
  }
  return { rows: page.rows, rowCount };
}

function converterOf(duckdb: DuckDB): DuckDBValueConverter<DuckDBJson> {
  const { DuckDBDecimalValue, DuckDBTimestampTZValue, JsonDuckDBValueConverter } = duckdb;
  const zoneless = [
    duckdb.DuckDBTimestampValue,
    duckdb.DuckDBTimestampSecondsValue,
    duckdb.DuckDBTimestampMillisecondsValue,
    duckdb.DuckDBTimestampNanosecondsValue,
  ];
  return (value, type, self) => {
    if (typeof value === 'bigint') return exact(String(value));
    if (value instanceof DuckDBDecimalValue) return exact(value.toString());
    if (value instanceof DuckDBTimestampTZValue) return zoned(value);
    return zoneless.some((each) => value instanceof each)
      ? String(value).replace(' ', 'T')
      : JsonDuckDBValueConverter(value, type, self);
  };
}

/** A number where a double holds it exactly (15 digits always do), else its text. */
function exact(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) || text.replace(/\D/g, '').length <= 15 ? number : text;
}

function zoned(value: DuckDBTimestampTZValue): string {
  if (!value.isFinite) return String(value);
  const micros = ((value.micros % 1000n) + 1000n) % 1000n;
  const text = new Date(Number((value.micros - micros) / 1000n)).toISOString();
  return micros === 0n ? text : `${text.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}
