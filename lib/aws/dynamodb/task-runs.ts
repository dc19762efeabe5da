/**
 * Task runs of an attempt as few items: packed, hundreds of rows take less than one item of each would. Each item is
 * replaced only as it was read.
 */
import type { RunKey } from '../../model/run.ts';
import { recordedOf, recordedText } from '../../store/recorded-text.ts';
import type { TaskRunRow, TaskRunStore } from '../../store/store.ts';
import { ABSENT, goneAfter, runItemKey, runPartition } from './item.ts';
import { getLarge, isWhole, largeIn, putLarge, sameToken, tokenIn } from './large.ts';
import type { ItemKey } from './requests.ts';
import type { Table } from './table.ts';

/** Rows of one item at most, and their characters: a change of one row writes its item whole. */
const MOST_ROWS = 400;
const MOST_CHARACTERS = 500_000;

export function dynamoTaskRuns(table: Table, keptDays: number): TaskRunStore {
  const isThere = async (key: RunKey) => (await table.get(runItemKey(key))) !== undefined;
  return {
    async put(key, rows) {
      if (rows.length === 0 || !(await isThere(key))) return;
      for (const [attempt, of] of Map.groupBy(rows, (row) => row.attempt)) {
        while (!(await putRows(table, { key, attempt, keptDays }, of))) {
          // Somebody wrote in between: what is there now is read again.
        }
      }
    },
    async list(key, { task, attempt } = {}) {
      const rows = (await chunksOf(table, key, attempt)).flatMap((chunk) => chunk.rows);
      return rows.filter(
        (row) => (task ?? row.task) === row.task && (attempt ?? row.attempt) === row.attempt,
      );
    },
    async putRecorded(key, recorded) {
      if (!(await isThere(key))) return;
      await putLarge(table, recordedKey(key), recordedText(recorded), { more: goneAfter(keptDays) });
    },
    async recorded(key) {
      const text = await getLarge<string>(table, recordedKey(key));
      return text === undefined ? undefined : recordedOf(text);
    },
  };
}

/** Rows of one item. */
interface Chunk {
  readonly rows: readonly TaskRunRow[];
  /** Of the write that it was read from. Absent: it is new. */
  readonly token?: string;
}

interface Attempt {
  readonly key: RunKey;
  readonly attempt: number;
  readonly keptDays: number;
}

/** False where an item was another by the time it was to be replaced. */
async function putRows(
  table: Table,
  { key, attempt, keptDays }: Attempt,
  rows: readonly TaskRunRow[],
): Promise<boolean> {
  const before = await chunksOf(table, key, attempt);
  const after = withRows(before, rows);
  for (const [index, chunk] of after.entries()) {
    if (sameRows(chunk.rows, before[index]?.rows)) continue;
    const when = chunk.token === undefined ? ABSENT : sameToken(chunk.token);
    const place = { pk: runPartition(key), sk: chunkKey(attempt, index) };
    if (!(await putLarge(table, place, chunk.rows, { when, more: goneAfter(keptDays) }))) return false;
  }
  return true;
}

/** The chunks with rows in the place of those for the same, others after them. */
function withRows(chunks: readonly Chunk[], rows: readonly TaskRunRow[]): readonly Chunk[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  const replaced = new Set<string>();
  const kept = chunks.map((chunk): { rows: TaskRunRow[]; token?: string } => ({
    ...chunk,
    rows: chunk.rows.map((row) => {
      const by = byKey.get(keyOf(row));
      if (by !== undefined) replaced.add(keyOf(row));
      return by ?? row;
    }),
  }));
  let room = MOST_CHARACTERS - sizeOf(kept.at(-1)?.rows ?? []);
  for (const [of, row] of byKey) {
    if (replaced.has(of)) continue;
    const last = kept.at(-1);
    const size = sizeOf([row]);
    if (last === undefined || last.rows.length >= MOST_ROWS || size > room) {
      kept.push({ rows: [row] });
      room = MOST_CHARACTERS - size;
    } else {
      last.rows.push(row);
      room -= size;
    }
  }
  return kept;
}

async function chunksOf(table: Table, key: RunKey, attempt?: number): Promise<readonly Chunk[]> {
  const prefix = attempt === undefined ? 'T#' : chunkPrefix(attempt);
  for (;;) {
    const items = (await table.all({ pk: runPartition(key), prefix })).filter(isWhole);
    const values = await Promise.all(items.map(async (item) => largeIn<readonly TaskRunRow[]>(table, item)));
    const rows = values.filter((value) => value !== undefined);
    if (rows.length === items.length)
      return rows.map((of, index) => {
        const token = tokenIn(items[index]);
        return { rows: of, ...(token === undefined ? {} : { token }) };
      });
    // One was replaced while it was read.
  }
}

function sizeOf(rows: readonly TaskRunRow[]): number {
  return rows.length === 0 ? 0 : JSON.stringify(rows).length;
}

function sameRows(a: readonly TaskRunRow[], b: readonly TaskRunRow[] | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function keyOf({ task, instance }: TaskRunRow): string {
  return JSON.stringify([task, instance]);
}

function chunkPrefix(attempt: number): string {
  return `T#${String(attempt).padStart(6, '0')}#`;
}

function chunkKey(attempt: number, index: number): string {
  return `${chunkPrefix(attempt)}${String(index).padStart(6, '0')}`;
}

function recordedKey(key: RunKey): ItemKey {
  return { pk: runPartition(key), sk: 'RECORDED' };
}
