/** Real rows to play with: the data files of the npm package `vega-datasets`. */
import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

/** Path of one of the package's data files: `'seattle-weather.csv'`. */
export function dataset(name: string): string {
  return join(dirname(findPackageJSON('vega-datasets', import.meta.url) ?? ''), 'data', name);
}

/** For `include` of a DAG whose functions read these: the files, and that by which the package is found. */
export function datasetFiles(...names: readonly string[]): readonly string[] {
  return ['package.json', ...names.map((name) => `data/${name}`)].map(
    (path) => `node_modules/vega-datasets/${path}`,
  );
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
