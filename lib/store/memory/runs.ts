import { isFinal, keyOfRun, type Run, type RunKey } from '../../model/run.ts';
import { frozenCopy, hasEndedBefore, isAskedRun, isExpected, revised } from '../data.ts';
import { compareKeys, cursorAfter, keyOfCursor, limitOf, pageOf, type SortKey } from '../page.ts';
import type { Page, Retention, RunQuery, RunStore } from '../store.ts';
import type { Journal } from './journal.ts';
import { Lanes } from './lanes.ts';
import type { Ledger } from './ledger.ts';

export function memoryRuns(ledger: Ledger, journal: Journal): RunStore {
  const lanes = new Lanes();
  return {
    async create(run) {
      if (ledger.get(keyOfRun(run)) !== undefined) return false;
      ledger.set(frozenCopy(run));
      journal.touch(keyOfRun(run));
      return true;
    },
    get: async (key) => ledger.get(key),
    async update(key, expected, patch) {
      const run = ledger.get(key);
      if (run === undefined || !isExpected(run, expected)) return undefined;
      const next = revised(run, patch);
      ledger.set(next);
      journal.touch(key);
      return next;
    },
    list: async (query) =>
      query.dagId === undefined ? listAll(ledger, query) : listDag(ledger, query, query.dagId),
    async open(of = {}) {
      const open = ledger
        .open()
        .filter(({ dagId, lane }) => (of.dagId ?? dagId) === dagId && (of.lane ?? lane) === lane);
      return open.sort((a, b) => compareKeys(openKey(a), openKey(b)));
    },
    admit: async (dagId, lane, runId, max) => lanes.admit(dagId, lane, runId, max),
    release: async (dagId, lane, runId) => lanes.release(dagId, lane, runId),
    admitted: async (dagId, lane) => lanes.admitted(dagId, lane),
    async changes(after, limit) {
      const { touched, cursor } = journal.since(after, limit);
      if (touched === undefined) return { runs: [], dags: [], cursor, resync: true };
      return {
        runs: touched.flatMap(({ dagId, runId }) =>
          runId === undefined ? [] : (ledger.get({ dagId, runId }) ?? []),
        ),
        dags: touched.flatMap(({ dagId, runId }) => (runId === undefined ? dagId : [])),
        cursor,
      };
    },
    async prune(policy) {
      const keys = ledger.dagIds().flatMap((dagId) => prunable(ledger, dagId, policy));
      if (policy.dryRun === true) return keys;
      for (const key of keys) {
        ledger.delete(key);
        lanes.forget(key);
      }
      journal.forget(keys);
      return keys;
    },
  };
}

function listDag(ledger: Ledger, query: RunQuery, dagId: string): Page<Run> {
  const { order = 'newest', cursor } = query;
  const limit = limitOf(query.limit);
  const list = `runs ${dagId} ${order}`;
  const [after] = cursor === undefined ? [] : keyOfCursor(list, cursor, ['']);
  const found: Run[] = [];
  for (const run of ledger.walk(dagId, order, after)) {
    if (isAskedRun(run, query)) found.push(run);
    if (found.length > limit) break;
  }
  return pageOf(found, limit, ({ id }) => cursorAfter(list, [id]));
}

function listAll(ledger: Ledger, query: RunQuery): Page<Run> {
  const { order = 'newest', cursor } = query;
  const limit = limitOf(query.limit);
  const list = `runs ${order}`;
  const after = cursor === undefined ? undefined : keyOfCursor(list, cursor, ['', '', '']);
  const sign = order === 'newest' ? -1 : 1;
  const keyOf = ({ createdAt, dagId, id }: Run) => [createdAt, dagId, id];
  const found = ledger
    .all()
    .filter(
      (run) => isAskedRun(run, query) && (after === undefined || sign * compareKeys(keyOf(run), after) > 0),
    )
    .sort((a, b) => sign * compareKeys(keyOf(a), keyOf(b)));
  return pageOf(found, limit, (run) => cursorAfter(list, keyOf(run)));
}

function prunable(ledger: Ledger, dagId: string, { keep, endedBefore }: Retention): readonly RunKey[] {
  const ended = [...ledger.walk(dagId, 'newest')].filter(({ state }) => isFinal(state));
  return ended
    .filter((run, index) => index >= (keep ?? ended.length) || hasEndedBefore(run, endedBefore))
    .map(keyOfRun);
}

function openKey({ logicalDate, dagId, id }: Run): SortKey {
  return [logicalDate, dagId, id];
}
