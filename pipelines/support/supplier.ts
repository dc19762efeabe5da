/** A supplier of weather: a month's real measurements in parts, put into `files` late and in no hurry. */
import { setTimeout } from 'node:timers/promises';
import type { FnContext } from '../../lib/index.ts';
import { csvRows, datasetFiles } from './datasets.ts';

/** Days in one part. */
const PART_DAYS = 8;

/** Written last: what is there when it is there is complete. */
export const MARKER = '_SUCCESS';

/** What it delivers from. */
export const SUPPLIER_FILES = datasetFiles('seattle-weather.csv');

export interface Delivery {
  /** Folder of the delivery. */
  readonly folder: string;
  /** First day of the month: `2012-02-01`. */
  readonly month: string;
  /** How late, seconds. */
  readonly late: number;
}

/** Waits, writes the parts of a month as CSV files, and then the marker. */
export async function deliver({ folder, month, late }: Delivery, { files, signal }: FnContext) {
  await setTimeout(late * 1000, undefined, { signal });
  const parts = await partsOf(month);
  for (const [index, text] of parts.entries()) await files.write(`${folder}/part-${index + 1}.csv`, text);
  await files.write(`${folder}/${MARKER}`, '');
}

async function partsOf(month: string): Promise<readonly string[]> {
  const rows = await csvRows('seattle-weather.csv');
  const days = rows.filter(({ date = '' }) => date.startsWith(month.slice(0, 7)));
  const parts = Array.from({ length: Math.ceil(days.length / PART_DAYS) }, (_, part) =>
    days.slice(part * PART_DAYS, (part + 1) * PART_DAYS),
  );
  return parts.map((part) =>
    [COLUMNS, ...part.map((day) => COLUMNS.map((column) => day[column]))]
      .map((line) => `${line.join(',')}\n`)
      .join(''),
  );
}

const COLUMNS = ['date', 'precipitation', 'temp_max', 'temp_min', 'wind', 'weather'];
