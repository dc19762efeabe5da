import { compareTexts } from '../../base/compare.ts';
import type { DagHead, DagVersion } from '../../model/dag-version.ts';
import type { Run } from '../../model/run.ts';
import { frozenCopy, revised } from '../data.ts';
import { limitOf } from '../page.ts';
import { type DagStore, MAX_RECENT, type RunOutline } from '../store.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';

export function memoryDags(ledger: Ledger, journal: Journal): DagStore {
  const versions = new Map<string, DagVersion>();
  const heads = new Map<string, DagHead>();
  const inOrder = () => [...heads.values()].sort((a, b) => compareTexts(a.dagId, b.dagId));
  return {
    async putVersion(version) {
      versions.set(JSON.stringify([version.dag.id, version.manifest.hash]), frozenCopy(version));
    },
    version: async (dagId, hash) => versions.get(JSON.stringify([dagId, hash])),
    head: async (dagId) => heads.get(dagId),
    heads: async () => inOrder(),
    async createHead(head) {
      if (heads.has(head.dagId)) return false;
      heads.set(head.dagId, frozenCopy(head));
      journal.touch({ dagId: head.dagId });
      return true;
    },
    async updateHead(dagId, rev, patch) {
      const head = heads.get(dagId);
      if (head?.rev !== rev) return undefined;
      const next = revised(head, patch);
      heads.set(dagId, next);
      journal.touch({ dagId });
      return next;
    },
    async recent(count) {
      const most = limitOf(count, MAX_RECENT);
      return inOrder()
        .map(({ dagId }) => ({ dagId, runs: ledger.newest(dagId, most).map(outlineOf) }))
        .filter(({ runs }) => runs.length > 0);
    },
  };
}

function outlineOf({ id, type, state, logicalDate, startedAt, endedAt }: Run): RunOutline {
  return {
    id,
    type,
    state,
    logicalDate,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}
