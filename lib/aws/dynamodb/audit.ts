/** Entries by month, so that a partition does not grow for ever; which months there are is a partition of its own. */
import { isAskedEntry } from '../../store/data.ts';
import { cursorAfter, keyOfCursor, limitOf, pageOf } from '../../store/page.ts';
import type { AuditEntry, AuditLog } from '../../store/store.ts';
import { ABSENT, docOf, FIRST, goneAfter, keyItem, LAST, textIn } from './item.ts';
import { valuesIn } from './merge.ts';
import type { Table } from './table.ts';

const MONTHS = 'LOG';
const KEPT_DAYS = 400;

type AuditQuery = Parameters<AuditLog['list']>[0];

export function dynamoAudit(table: Table): AuditLog {
  // Months that are known to be told of.
  const told = new Set<string>();
  return {
    async append(entry) {
      const month = monthOf(entry.at);
      if (!told.has(month))
        await table.put({ ...keyItem({ pk: MONTHS, sk: month }), ...goneAfter(KEPT_DAYS + 31) });
      told.add(month);
      const key = keyItem({ pk: partitionOf(month), sk: entry.id });
      await table.put({ ...key, ...docOf(entry), ...goneAfter(KEPT_DAYS) }, ABSENT);
    },
    async list(query) {
      const limit = limitOf(query.limit);
      const [before] = query.cursor === undefined ? [] : keyOfCursor('audit', query.cursor, ['']);
      const found: AuditEntry[] = [];
      for await (const entry of entries(table, query, before)) {
        if (entry.id !== before && isAskedEntry(entry, query)) found.push(entry);
        if (found.length > limit) break;
      }
      return pageOf(found, limit, ({ id }) => cursorAfter('audit', [id]));
    },
  };
}

/** Newest first, from before an id on. */
async function* entries(
  table: Table,
  { from, to, limit }: AuditQuery,
  before: string | undefined,
): AsyncGenerator<AuditEntry> {
  const months = await table.all({ pk: MONTHS, newestFirst: true });
  for (const month of months.map((item) => textIn(item, 'sk') ?? '')) {
    if ((from !== undefined && month < monthOf(from)) || (to !== undefined && month > monthOf(to))) continue;
    const range = {
      pk: partitionOf(month),
      between: [FIRST, before ?? LAST],
      newestFirst: true,
      first: limitOf(limit) + 2,
    } as const;
    yield* valuesIn<AuditEntry>(table, range);
  }
}

function monthOf(instant: string): string {
  return instant.slice(0, 7);
}

function partitionOf(month: string): string {
  return `LOG#${month}`;
}
