import { frozenCopy } from '../data.ts';
import { recordedOf, recordedText } from '../recorded-text.ts';
import type { TaskRunStore } from '../store.ts';
import type { Ledger } from './ledger.ts';

export function memoryTaskRuns(ledger: Ledger): TaskRunStore {
  return {
    async put(key, rows) {
      const kept = ledger.belongings(key);
      for (const row of rows)
        kept?.rows.set(JSON.stringify([row.attempt, row.task, row.instance]), frozenCopy(row));
    },
    async list(key, { task, attempt } = {}) {
      const rows = [...(ledger.belongings(key)?.rows.values() ?? [])].filter(
        (row) => (task ?? row.task) === row.task && (attempt ?? row.attempt) === row.attempt,
      );
      return rows.sort((a, b) => a.attempt - b.attempt);
    },
    async putRecorded(key, recorded) {
      const kept = ledger.belongings(key);
      if (kept !== undefined) kept.recorded = recordedText(recorded);
    },
    async recorded(key) {
      const text = ledger.belongings(key)?.recorded;
      return text === undefined ? undefined : recordedOf(text);
    },
  };
}
