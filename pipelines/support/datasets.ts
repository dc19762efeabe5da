/** Real rows to play with: the data files of the npm package `vega-datasets`. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Path of one of the package's data files: `'seattle-weather.csv'`. */
export function dataset(name: string): string {
  return join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data', name);
}

/** Rows of a CSV data file whose fields hold no comma; every value is text. */
export async function csvRows(name: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const text = await readFile(dataset(name), 'utf8');
  const [header = '', ...lines] = text.trim().split(/\r?\n/);
  const columns = header.split(',');
  return lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? '']));
  });
}
