import { cursorAfter, keyOfCursor, limitOf } from '../../store/page.ts';
import type { Changes } from '../../store/store.ts';
import type { Database, Row } from './database.ts';

/** Place of the last write. Writers are one after the other, so places are visible in their order. */
const LAST_SEQ = `max((select coalesce(max(seq), 0) from runs), (select coalesce(max(seq), 0) from dag_heads),
  (select floor from store))`;

/** Place of the write that contains it. */
export const NEXT_SEQ = `(select 1 + ${LAST_SEQ})`;

export function sqliteChanges(database: Database, cursor: string | undefined, limit?: number): Changes {
  const most = limitOf(limit);
  const { id, floor, last } = placeOf(database);
  const here = (at: number) => cursorAfter('changes', [id, at]);
  if (cursor === undefined) return { runs: [], dags: [], cursor: here(last) };
  const [of, at] = keyOfCursor('changes', cursor, ['', 0]);
  if (of !== id || at < floor || at > last) return { runs: [], dags: [], cursor: here(last), resync: true };
  const after = (from: string) => database.all(`${from} where seq > ? order by seq limit ?`, at, most);
  const written = [...after('select seq, doc from runs'), ...after('select seq, dag_id from dag_heads')]
    .sort((a, b) => seqOf(a) - seqOf(b))
    .slice(0, most);
  const end = written.at(-1);
  return {
    runs: written.flatMap(({ doc }) => (doc === undefined ? [] : JSON.parse(String(doc)))),
    dags: written.flatMap(({ dag_id }) => (dag_id === undefined ? [] : String(dag_id))),
    cursor: end === undefined ? cursor : here(seqOf(end)),
  };
}

/** Which store it is, below which cursors are too old, and the place of the last write. */
export function placeOf(database: Database): {
  readonly id: string;
  readonly floor: number;
  readonly last: number;
} {
  const row = database.get(`select id, floor, ${LAST_SEQ} as last from store`) ?? {};
  return { id: String(row['id']), floor: Number(row['floor']), last: Number(row['last']) };
}

function seqOf(row: Row): number {
  return Number(row['seq']);
}
