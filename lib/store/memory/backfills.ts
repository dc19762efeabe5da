import { compareTexts } from '../../base/compare.ts';
import { frozenCopy, revised } from '../data.ts';
import { cursorAfter, keyOfCursor, limitOf, pageOf } from '../page.ts';
import type { Backfill, BackfillDate, BackfillStore } from '../store.ts';

interface Kept {
  backfill: Backfill;
  /** By logical date. */
  readonly dates: Map<string, BackfillDate>;
}

export function memoryBackfills(): BackfillStore {
  const all = new Map<string, Kept>();
  const keptOf = (dagId: string, id: string) => all.get(JSON.stringify([dagId, id]));
  return {
    async create(backfill, dates) {
      const { dagId, id } = backfill;
      if (keptOf(dagId, id) !== undefined) return false;
      const byDate = new Map(dates.map((date) => [date.logicalDate, frozenCopy(date)]));
      all.set(JSON.stringify([dagId, id]), { backfill: frozenCopy(backfill), dates: byDate });
      return true;
    },
    get: async (dagId, id) => keptOf(dagId, id)?.backfill,
    async list({ dagId, active = false, limit, cursor }) {
      const most = limitOf(limit);
      const list = `backfills ${dagId ?? ''}`;
      const after = cursor === undefined ? undefined : keyOfCursor(list, cursor, ['', '']);
      const found = [...all.values()]
        .map(({ backfill }) => backfill)
        .filter((backfill) => (dagId ?? backfill.dagId) === backfill.dagId)
        .filter(({ state }) => !active || state === 'running' || state === 'paused')
        .filter(
          (backfill) => after === undefined || newestFirst(backfill, { id: after[0], dagId: after[1] }) > 0,
        )
        .sort(newestFirst);
      return pageOf(found, most, (last) => cursorAfter(list, [last.id, last.dagId]));
    },
    async update(dagId, id, rev, patch) {
      const kept = keptOf(dagId, id);
      if (kept?.backfill.rev !== rev) return undefined;
      kept.backfill = revised(kept.backfill, patch);
      return kept.backfill;
    },
    async dates(dagId, id, states, limit) {
      return [...(keptOf(dagId, id)?.dates.values() ?? [])]
        .filter(({ state }) => states === undefined || states.includes(state))
        .sort((a, b) => a.position - b.position)
        .slice(0, limit);
    },
    async updateDate({ dagId, id, logicalDate }, from, patch) {
      const dates = keptOf(dagId, id)?.dates;
      const date = dates?.get(logicalDate);
      if (date?.state !== from) return false;
      dates?.set(logicalDate, frozenCopy({ ...date, ...patch } as BackfillDate));
      return true;
    },
  };
}

function newestFirst(a: Pick<Backfill, 'id' | 'dagId'>, b: Pick<Backfill, 'id' | 'dagId'>): number {
  return compareTexts(b.id, a.id) || compareTexts(b.dagId, a.dagId);
}
