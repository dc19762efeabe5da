import { isFinal, type LedgerState, type Run } from '../../model/run.ts';
import { isAskedRun } from '../../store/data.ts';
import { compareKeys, cursorAfter, keyOfCursor, limitOf, pageOf, type SortKey } from '../../store/page.ts';
import type { Page, RunQuery } from '../../store/store.ts';
import { dagPartition, FIRST, LAST, valueIn } from './item.ts';
import { merged, valuesIn } from './merge.ts';
import type { Item, Range } from './requests.ts';
import type { Table } from './table.ts';

/** Lists of a DAG are read from the table, consistently; of all DAGs from the index. */
export async function listRuns(table: Table, query: RunQuery): Promise<Page<Run>> {
  return query.dagId === undefined ? listAll(table, query) : listDag(table, query, query.dagId);
}

/** The kinds of states that the index tells apart. What is open changes its state in its place. */
type Kind = 'open' | 'success' | 'failed' | 'cancelled';

function kindOf(state: LedgerState): Kind {
  return state === 'success' || state === 'failed' || state === 'cancelled' ? state : 'open';
}

/** Attributes by which the index has a run: of its kind, by when it was created. */
export function indexedRun({ state, createdAt, dagId, id }: Run): Item {
  return { gsi1pk: { S: partitionOf(kindOf(state)) }, gsi1sk: { S: sortKey([createdAt, dagId, id]) } };
}

/** Ended runs of all DAGs that were created before, as they are in the index. */
export async function endedCreatedBefore(table: Table, createdAt: string): Promise<readonly Run[]> {
  const found: Run[] = [];
  for (const kind of ['success', 'failed', 'cancelled'] as const) {
    const between = [FIRST, createdAt] as const;
    const items = await table.all({ pk: partitionOf(kind), between, index: true });
    found.push(...items.map(valueIn<Run>));
  }
  return found.filter(({ state }) => isFinal(state));
}

async function listDag(table: Table, query: RunQuery, dagId: string): Promise<Page<Run>> {
  const { order = 'newest', cursor } = query;
  const limit = limitOf(query.limit);
  const list = `runs ${dagId} ${order}`;
  const [after] = cursor === undefined ? [] : keyOfCursor(list, cursor, ['']);
  const [low, high] = boundsOf(query, after);
  if (low > high || !mayMatch(query)) return { items: [] };
  const range: Range = {
    pk: dagPartition(dagId),
    between: [`RUN#${low}`, `RUN#${high}`],
    newestFirst: order === 'newest',
    first: limit + (after === undefined ? 1 : 2),
  };
  const found: Run[] = [];
  for await (const run of valuesIn<Run>(table, range)) {
    if (run.id !== after && isAskedRun(run, query)) found.push(run);
    if (found.length > limit) break;
  }
  return pageOf(found, limit, ({ id }) => cursorAfter(list, [id]));
}

/** Ids begin with the logical date; `after`: the last of the page before, which the range takes in. */
function boundsOf({ order = 'newest', from = '', to = '' }: RunQuery, after: string | undefined) {
  const high = `${to}${LAST}`;
  if (after === undefined) return [from, high] as const;
  if (order === 'newest') return [from, after < high ? after : high] as const;
  return [after > from ? after : from, high] as const;
}

/** Each kind in order, of these the first: however rare a state is, no more is read than is given. */
async function listAll(table: Table, query: RunQuery): Promise<Page<Run>> {
  const { order = 'newest', cursor, states } = query;
  const limit = limitOf(query.limit);
  const list = `runs ${order}`;
  const after = cursor === undefined ? undefined : keyOfCursor(list, cursor, ['', '', '']);
  const kinds: readonly Kind[] =
    states === undefined ? ['open', 'success', 'failed', 'cancelled'] : [...new Set(states.map(kindOf))];
  const bound = after === undefined ? undefined : sortKey(after);
  const ranges = kinds.map(
    (kind): Range => ({
      pk: partitionOf(kind),
      between: order === 'newest' ? [FIRST, bound ?? LAST] : [bound ?? FIRST, LAST],
      newestFirst: order === 'newest',
      index: true,
      first: Math.min(limit + 2, FIRST_OF_KIND),
    }),
  );
  const streams = ranges.map((range) => valuesIn<Run>(table, range));
  const sign = order === 'newest' ? -1 : 1;
  const found: Run[] = [];
  for await (const run of merged(streams, (a, b) => sign * compareKeys(keyOf(a), keyOf(b)))) {
    const isAfter = after === undefined || compareKeys(keyOf(run), after) !== 0;
    if (isAfter && isAskedRun(run, query)) found.push(run);
    if (found.length > limit) break;
  }
  return pageOf(found, limit, (run) => cursorAfter(list, keyOf(run)));
}

/** Of each kind so many are read at first; more of one that has more. */
const FIRST_OF_KIND = 50;

function mayMatch({ states, types }: RunQuery): boolean {
  return states?.length !== 0 && types?.length !== 0;
}

function partitionOf(kind: Kind): string {
  return `RUN#${kind}`;
}

function keyOf({ createdAt, dagId, id }: Run): SortKey {
  return [createdAt, dagId, id];
}

function sortKey(key: SortKey): string {
  return key.join('#');
}
