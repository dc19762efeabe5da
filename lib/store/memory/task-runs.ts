import type { RunKey } from '../../model/run.ts';
import { frozenCopy } from '../data.ts';
import { recordedOf, recordedText } from '../recorded-text.ts';
import type { TaskRunRow, TaskRunStore } from '../store.ts';
import type { Ledger } from './ledger.ts';

interface Kept {
  readonly rows: Map<string, TaskRunRow>;
  recorded?: string;
}

export function memoryTaskRuns(ledger: Ledger): TaskRunStore {
  const keptOf = keeper(ledger);
  return {
    async put(key, rows) {
      const kept = keptOf(key);
      for (const row of rows)
        kept?.rows.set(JSON.stringify([row.attempt, row.task, row.instance]), frozenCopy(row));
    },
    async list(key, { task, attempt } = {}) {
      const rows = [...(keptOf(key)?.rows.values() ?? [])].filter(
        (row) => (task ?? row.task) === row.task && (attempt ?? row.attempt) === row.attempt,
      );
      return rows.sort((a, b) => a.attempt - b.attempt);
    },
    async putRecorded(key, recorded) {
      const kept = keptOf(key);
      if (kept !== undefined) kept.recorded = recordedText(recorded);
    },
    async recorded(key) {
      const text = keptOf(key)?.recorded;
      return text === undefined ? undefined : recordedOf(text);
    },
  };
}

/** What is kept of a run, gone with it; one that is created again later begins with nothing. */
function keeper(ledger: Ledger): (key: RunKey) => Kept | undefined {
  const all = new Map<string, Kept>();
  return ({ dagId, runId }) => {
    const key = JSON.stringify([dagId, runId]);
    if (ledger.get({ dagId, runId }) === undefined) {
      all.delete(key);
      return undefined;
    }
    const kept = all.get(key) ?? { rows: new Map<string, TaskRunRow>() };
    all.set(key, kept);
    return kept;
  };
}
