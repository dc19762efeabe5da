import { randomInt } from 'node:crypto';
import { revised } from '../../store/data.ts';
import { compareKeys, cursorAfter, keyOfCursor, limitOf, pageOf, type SortKey } from '../../store/page.ts';
import type { Backfill, BackfillDate, BackfillStore, Page } from '../../store/store.ts';
import { numbered, wasDone } from './feed.ts';
import {
  ABSENT,
  dagPartition,
  docOf,
  FIRST,
  keyIn,
  keyItem,
  LAST,
  sameNumber,
  sameText,
  textIn,
  valueIn,
} from './item.ts';
import { merged, valuesIn } from './merge.ts';
import type { Item, ItemKey, Range } from './requests.ts';
import type { Table } from './table.ts';

/**
 * A plan, and an item of each of its dates, in a partition of their own: they are written before the plan, which says by a
 * token which ones are its.
 */
export function dynamoBackfills(table: Table): BackfillStore {
  const tokens = new Map<string, string>();
  const get = async (dagId: string, id: string) => table.get(planKey(dagId, id));
  /** Never changes once the plan is there. */
  const tokenOf = async (dagId: string, id: string) => {
    const key = `${dagId}#${id}`;
    const token = tokens.get(key) ?? textIn(await get(dagId, id), 'dates');
    if (tokens.size > MOST_TOKENS) tokens.clear();
    if (token !== undefined) tokens.set(key, token);
    return token;
  };
  return {
    create: async (backfill, dates) => create(table, backfill, dates),
    async get(dagId, id) {
      const item = await get(dagId, id);
      return item === undefined ? undefined : valueIn<Backfill>(item);
    },
    list: async (query) => list(table, query),
    async update(dagId, id, rev, patch) {
      const item = await get(dagId, id);
      if (item === undefined) return undefined;
      const backfill = valueIn<Backfill>(item);
      if (backfill.rev !== rev) return undefined;
      const next = revised(backfill, patch);
      const write = randomInt(2 ** 47);
      const dates = { S: textIn(item, 'dates') ?? '' };
      const { done, old } = await table.put(
        { ...planItem(next), dates, ...numbered(write, item) },
        sameNumber('rev', rev),
      );
      return done || wasDone(write, old) ? next : undefined;
    },
    async dates(dagId, id, states, limit) {
      const token = await tokenOf(dagId, id);
      if (token === undefined || states?.length === 0) return [];
      const items = await table.all({ pk: datesPartition(dagId, id), prefix: `${token}#` });
      return items
        .map(valueIn<BackfillDate>)
        .filter(({ state }) => states === undefined || states.includes(state))
        .sort((a, b) => a.position - b.position)
        .slice(0, limit);
    },
    async updateDate({ dagId, id, logicalDate }, from, patch) {
      const token = await tokenOf(dagId, id);
      if (token === undefined) return false;
      const key = { pk: datesPartition(dagId, id), sk: `${token}#${logicalDate}` };
      return updateDate(table, key, from, patch);
    },
  };
}

const MOST_TOKENS = 1_000;

async function create(table: Table, backfill: Backfill, dates: readonly BackfillDate[]): Promise<boolean> {
  const { dagId, id } = backfill;
  if ((await table.get(planKey(dagId, id))) !== undefined) return false;
  const write = randomInt(2 ** 47);
  const token = write.toString(36);
  const items = dates.map((date) =>
    dateItem(
      { pk: datesPartition(dagId, id), sk: `${token}#${date.logicalDate}` },
      date,
      numbered(write, undefined),
    ),
  );
  await table.writeAll({ put: items });
  const plan = { ...planItem(backfill), dates: { S: token }, ...numbered(write, undefined) };
  const { done, old } = await table.put(plan, ABSENT);
  if (done || wasDone(write, old)) return true;
  await table.writeAll({ remove: items.map(keyIn) });
  return false;
}

async function updateDate(
  table: Table,
  key: ItemKey,
  from: BackfillDate['state'],
  patch: Parameters<BackfillStore['updateDate']>[2],
): Promise<boolean> {
  for (;;) {
    const item = await table.get(key);
    if (item === undefined) return false;
    const date = valueIn<BackfillDate>(item);
    if (date.state !== from) return false;
    const write = randomInt(2 ** 47);
    const next = dateItem(key, { ...date, ...patch } as BackfillDate, numbered(write, item));
    const { done, old } = await table.put(next, sameText('seqs', textIn(item, 'seqs') ?? ''));
    if (done || wasDone(write, old)) return true;
    // Somebody wrote in between: its state may still be what is expected.
  }
}

async function list(table: Table, query: Parameters<BackfillStore['list']>[0]): Promise<Page<Backfill>> {
  const { dagId, active = false, cursor } = query;
  const limit = limitOf(query.limit);
  const name = `backfills ${dagId ?? ''}`;
  const after = cursor === undefined ? undefined : keyOfCursor(name, cursor, ['', '']);
  const streams = rangesOf({ dagId, active, after, limit }).map((range) => valuesIn<Backfill>(table, range));
  const found: Backfill[] = [];
  for await (const backfill of merged(streams, (a, b) => -compareKeys(keyOf(a), keyOf(b)))) {
    const isAfter = after === undefined || compareKeys(keyOf(backfill), after) < 0;
    if (isAfter && (!active || isActive(backfill))) found.push(backfill);
    if (found.length > limit) break;
  }
  return pageOf(found, limit, (last) => cursorAfter(name, keyOf(last)));
}

interface Asked {
  readonly dagId: string | undefined;
  readonly active: boolean;
  readonly after: SortKey | undefined;
  readonly limit: number;
}

/** Of a DAG from the table, consistently; of all DAGs from the index. */
function rangesOf({ dagId, active, after, limit }: Asked): readonly Range[] {
  const common = { newestFirst: true, first: limit + 2 };
  if (dagId !== undefined)
    return [{ ...common, pk: dagPartition(dagId), between: ['BF#', `BF#${after?.[0] ?? LAST}`] }];
  const kinds = active ? [ACTIVE] : [ACTIVE, ENDED];
  return kinds.map((pk) => ({ ...common, pk, between: [FIRST, after?.join('#') ?? LAST], index: true }));
}

const ACTIVE = 'BF#active';
const ENDED = 'BF#ended';

function isActive({ state }: Backfill): boolean {
  return state === 'running' || state === 'paused';
}

function planItem(backfill: Backfill): Item {
  return {
    ...keyItem(planKey(backfill.dagId, backfill.id)),
    gsi1pk: { S: isActive(backfill) ? ACTIVE : ENDED },
    gsi1sk: { S: keyOf(backfill).join('#') },
    rev: { N: String(backfill.rev) },
    ...docOf(backfill),
  };
}

function dateItem(key: ItemKey, date: BackfillDate, numbers: Item): Item {
  return { ...keyItem(key), ...numbers, ...docOf(date) };
}

function keyOf({ id, dagId }: Backfill): SortKey {
  return [id, dagId];
}

function planKey(dagId: string, id: string): ItemKey {
  return { pk: dagPartition(dagId), sk: `BF#${id}` };
}

function datesPartition(dagId: string, id: string): string {
  return `BF#${dagId}#${id}`;
}
