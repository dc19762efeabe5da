import { cursorAfter, keyOfCursor, limitOf, pageOf } from '../../store/page.ts';
import type { AuditEntry, AuditLog } from '../../store/store.ts';
import { conditions } from './conditions.ts';
import type { Database } from './database.ts';

export function sqliteAudit(database: Database): AuditLog {
  return {
    async append(entry) {
      const { id, at, actor, action, dagId = null, runId = null } = entry;
      database.run(
        'insert into audit (id, at, actor, action, dag_id, run_id, doc) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing',
        ...[id, at, actor, action, dagId, runId, JSON.stringify(entry)],
      );
    },
    async list({ dagId, runId, actor, action, from, to, limit, cursor }) {
      const most = limitOf(limit);
      const [before] = cursor === undefined ? [] : keyOfCursor('audit', cursor, ['']);
      const { sql, values } = conditions(
        ['dag_id = ?', dagId],
        ['run_id = ?', runId],
        ['actor = ?', actor],
        ['action = ?', action],
        ['at >= ?', from],
        ['at <= ?', to],
        ['id < ?', before],
      );
      const sorted = `select doc from audit where ${sql} order by id desc limit ?`;
      const found = database.values<AuditEntry>(sorted, ...values, most + 1);
      return pageOf(found, most, ({ id }) => cursorAfter('audit', [id]));
    },
  };
}
