import { revised } from '../../store/data.ts';
import { cursorAfter, keyOfCursor, limitOf, pageOf } from '../../store/page.ts';
import type { Backfill, BackfillDate, BackfillStore } from '../../store/store.ts';
import { conditions, oneOf } from './conditions.ts';
import type { Database } from './database.ts';

export function sqliteBackfills(database: Database): BackfillStore {
  const get = (dagId: string, id: string) =>
    database.value<Backfill>('select doc from backfills where dag_id = ? and id = ?', dagId, id);
  return {
    create: async (backfill, dates) => database.alone(() => create(database, backfill, dates)),
    get: async (dagId, id) => get(dagId, id),
    async list({ dagId, active = false, limit, cursor }) {
      const most = limitOf(limit);
      const list = `backfills ${dagId ?? ''}`;
      const [id, ofDag] = cursor === undefined ? [] : keyOfCursor(list, cursor, ['', '']);
      const { sql, values } = conditions(
        ['dag_id = ?', dagId],
        oneOf('state', active ? ['running', 'paused'] : undefined),
        ['(id, dag_id) < (?, ?)', id, ofDag],
      );
      const sorted = `select doc from backfills where ${sql} order by id desc, dag_id desc limit ?`;
      const found = database.values<Backfill>(sorted, ...values, most + 1);
      return pageOf(found, most, (last) => cursorAfter(list, [last.id, last.dagId]));
    },
    async update(dagId, id, rev, patch) {
      const before = get(dagId, id);
      if (before?.rev !== rev) return undefined;
      const next = revised(before, patch);
      const sql = 'update backfills set state = ?, rev = ?, doc = ? where dag_id = ? and id = ? and rev = ?';
      const values = [next.state, next.rev, JSON.stringify(next), dagId, id, rev];
      return database.run(sql, ...values) === 1 ? next : undefined;
    },
    async dates(dagId, id, states, limit = -1) {
      const { sql, values } = conditions(['b.dag_id = ?', dagId], ['b.id = ?', id], oneOf('d.state', states));
      // Negative: all.
      const sorted = `select d.doc ${DATES} where ${sql} order by d.position limit ?`;
      return database.values(sorted, ...values, limit);
    },
    updateDate: async (of, from, patch) => updateDate(database, of, from, patch),
  };
}

const DATES = 'from backfills b join backfill_dates d on d.backfill = b.number';

function create(database: Database, backfill: Backfill, dates: readonly BackfillDate[]): boolean {
  const { dagId, id, state, rev } = backfill;
  const made = database.run(
    'insert into backfills (dag_id, id, state, rev, doc) values (?, ?, ?, ?, ?) on conflict do nothing',
    ...[dagId, id, state, rev, JSON.stringify(backfill)],
  );
  if (made === 0) return false;
  const number = database.get('select last_insert_rowid() as number')?.['number'] ?? null;
  for (const date of dates)
    database.run(
      'insert into backfill_dates (backfill, logical_date, position, state, doc) values (?, ?, ?, ?, ?)',
      ...[number, date.logicalDate, date.position, date.state, JSON.stringify(date)],
    );
  return true;
}

type UpdateDate = Parameters<BackfillStore['updateDate']>;

function updateDate(database: Database, ...[{ dagId, id, logicalDate }, from, patch]: UpdateDate): boolean {
  for (;;) {
    const row = database.get(
      `select d.backfill, d.state, d.doc ${DATES} where b.dag_id = ? and b.id = ? and d.logical_date = ?`,
      ...[dagId, id, logicalDate],
    );
    if (row?.['state'] !== from) return false;
    const { backfill = null, doc = null } = row;
    const next: BackfillDate = { ...JSON.parse(String(doc)), ...patch };
    const changed = database.run(
      'update backfill_dates set state = ?, doc = ? where backfill = ? and logical_date = ? and doc = ?',
      ...[next.state, JSON.stringify(next), backfill, logicalDate, doc],
    );
    if (changed === 1) return true;
  }
}
