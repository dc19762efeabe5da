import type { LedgerState, Run } from '../../model/run.ts';
import { compareKeys, cursorAfter, keyOfCursor, limitOf, pageOf } from '../../store/page.ts';
import type { Page, RunQuery } from '../../store/store.ts';
import { conditions, oneOf } from './conditions.ts';
import type { Database } from './database.ts';

export function listRuns(database: Database, query: RunQuery): Page<Run> {
  return query.dagId === undefined ? listAll(database, query) : listDag(database, query, query.dagId);
}

function listDag(database: Database, query: RunQuery, dagId: string): Page<Run> {
  const { order = 'newest', cursor, states, types, from, to } = query;
  const limit = limitOf(query.limit);
  const list = `runs ${dagId} ${order}`;
  const [after] = cursor === undefined ? [] : keyOfCursor(list, cursor, ['']);
  const { sql, values } = conditions(
    ['dag_id = ?', dagId],
    [order === 'newest' ? 'id < ?' : 'id > ?', after],
    oneOf('state', states),
    oneOf('type', types),
    ['logical_date >= ?', from],
    // Ids begin with the logical date: these bound what is read.
    ['id >= ?', from],
    ['logical_date <= ?', to],
    ['id <= ?', to === undefined ? undefined : `${to}\u{10ffff}`],
  );
  const direction = order === 'newest' ? 'desc' : 'asc';
  const sorted = `select doc from runs where ${sql} order by id ${direction} limit ?`;
  const found = database.values<Run>(sorted, ...values, limit + 1);
  return pageOf(found, limit, ({ id }) => cursorAfter(list, [id]));
}

const STATES: Readonly<Record<LedgerState, true>> = {
  queued: true,
  starting: true,
  running: true,
  success: true,
  failed: true,
  cancelled: true,
};

/** Of each state the first, in order; of these the first: so is no more read than is given, however rare a state is. */
function listAll(database: Database, query: RunQuery): Page<Run> {
  const { order = 'newest', cursor, states = Object.keys(STATES), types, from, to } = query;
  const limit = limitOf(query.limit);
  const list = `runs ${order}`;
  const after = cursor === undefined ? undefined : keyOfCursor(list, cursor, ['', '', '']);
  const { sql, values } = conditions(
    oneOf('type', types),
    ['logical_date >= ?', from],
    ['logical_date <= ?', to],
  );
  const [sign, direction] = order === 'newest' ? ['<', 'desc'] : ['>', 'asc'];
  const place = after === undefined ? 'true' : `(created_at, dag_id, id) ${sign} (?, ?, ?)`;
  const sorted = `
    select created_at, dag_id, id, doc from runs where state = ? and ${place} and ${sql}
    order by created_at ${direction}, dag_id ${direction}, id ${direction} limit ?`;
  const found = [...new Set(states)]
    .flatMap((state) => database.all(sorted, state, ...(after ?? []), ...values, limit + 1))
    .map((row) => ({
      key: [row['created_at'], row['dag_id'], row['id']].map(String),
      doc: String(row['doc']),
    }))
    .sort((a, b) => (order === 'newest' ? compareKeys(b.key, a.key) : compareKeys(a.key, b.key)));
  const page = pageOf(found, limit, ({ key }) => cursorAfter(list, key));
  return { ...page, items: page.items.map(({ doc }) => JSON.parse(doc)) };
}
