import { compareTexts } from '../../base/compare.ts';
import { frozenCopy, isAskedEntry } from '../data.ts';
import { cursorAfter, keyOfCursor, limitOf, pageOf } from '../page.ts';
import type { AuditEntry, AuditLog } from '../store.ts';

export function memoryAudit(): AuditLog {
  const entries = new Map<string, AuditEntry>();
  return {
    async append(entry) {
      if (!entries.has(entry.id)) entries.set(entry.id, frozenCopy(entry));
    },
    async list(query) {
      const limit = limitOf(query.limit);
      const [before] = query.cursor === undefined ? [] : keyOfCursor('audit', query.cursor, ['']);
      const found = [...entries.values()]
        .filter((entry) => isAskedEntry(entry, query) && (before === undefined || entry.id < before))
        .sort((a, b) => compareTexts(b.id, a.id));
      return pageOf(found, limit, ({ id }) => cursorAfter('audit', [id]));
    },
  };
}
