/** Items of the table: their keys, and values as JSON in them. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { RunKey } from '../../model/run.ts';
import type { Expression, Item, ItemKey } from './requests.ts';

/** Longest text that is kept as it is, for whoever looks at items: an item of it is of one kilobyte, which costs a unit. */
const LONGEST_PLAIN = 760;

/** `doc`: a value as JSON, which is packed (`z`) where it is long. */
export function docOf(value: unknown): Item {
  const text = JSON.stringify(value);
  if (text.length <= LONGEST_PLAIN) return { doc: { S: text } };
  return { z: { B: packed(text) } };
}

/** The value of {@link docOf}. */
export function valueIn<T>(item: Item): T {
  const { doc, z } = item;
  if (z?.B !== undefined) return unpacked(z.B);
  return JSON.parse(doc?.S ?? 'null');
}

export function packed(text: string): Uint8Array {
  return gzipSync(text, { level: 6 });
}

export function unpacked<T>(bytes: Uint8Array): T {
  return JSON.parse(gunzipSync(bytes).toString());
}

export function textIn(item: Item | undefined, name: string): string | undefined {
  return item?.[name]?.S;
}

export function numberIn(item: Item | undefined, name: string): number | undefined {
  const text = item?.[name]?.N;
  return text === undefined ? undefined : Number(text);
}

export function keyIn(item: Item): ItemKey {
  return { pk: textIn(item, 'pk') ?? '', sk: textIn(item, 'sk') ?? '' };
}

export function keyItem({ pk, sk }: ItemKey): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** Nothing is there. */
export const ABSENT: Expression = { text: 'attribute_not_exists(pk)' };

/** A number of the item is still this one. */
export function sameNumber(name: string, value: number): Expression {
  return {
    text: '#is = :is',
    names: { '#is': name },
    values: { ':is': { N: String(value) } },
  };
}

/** A text of the item is still this one. */
export function sameText(name: string, value: string): Expression {
  return { text: '#is = :is', names: { '#is': name }, values: { ':is': { S: value } } };
}

/** Partition of a DAG: its versions, runs, lanes and backfills. */
export function dagPartition(dagId: string): string {
  return `DAG#${dagId}`;
}

/** Of what belongs to a run; its machine keeps latches, joins and outputs there, its function engine items. */
export function runPartition({ dagId, runId }: RunKey): string {
  return `RUN#${dagId}#${runId}`;
}

export function runItemKey({ dagId, runId }: RunKey): ItemKey {
  return { pk: dagPartition(dagId), sk: `RUN#${runId}` };
}

/** Heads of all DAGs are in one partition. */
export const HEADS = 'DAGS';

export function headKey(dagId: string): ItemKey {
  return { pk: HEADS, sk: dagId };
}

/** Sorts before whatever is a key. */
export const FIRST = ' ';
/** Sorts after whatever begins with the same. */
export const LAST = '\u{10ffff}';

const DAY_S = 86_400;

/** When an item goes that is written now, seconds since the epoch. */
export function goneAfter(days: number): Item {
  return { ttl: { N: String(Math.floor(Date.now() / 1000) + days * DAY_S) } };
}
