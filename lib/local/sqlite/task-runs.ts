import type { RunKey } from '../../model/run.ts';
import { recordedOf, recordedText } from '../../store/recorded-text.ts';
import type { TaskRunRow, TaskRunStore } from '../../store/store.ts';
import { conditions } from './conditions.ts';
import type { Database } from './database.ts';

export function sqliteTaskRuns(database: Database): TaskRunStore {
  return {
    async put(key, rows) {
      const [only] = rows;
      if (rows.length === 1 && only !== undefined) putRow(database, key, only);
      else if (rows.length > 1)
        database.alone(() => {
          for (const row of rows) putRow(database, key, row);
        });
    },
    async list({ dagId, runId }, { task, attempt } = {}) {
      const { sql, values } = conditions(
        ['r.dag_id = ?', dagId],
        ['r.id = ?', runId],
        ['t.attempt = ?', attempt],
        ['t.task = ?', task],
      );
      return database.values(
        `select t.doc from runs r join task_runs t on t.run = r.number where ${sql} order by t.attempt, t.number`,
        ...values,
      );
    },
    async putRecorded({ dagId, runId }, recorded) {
      database.run(
        `insert into recorded (run, doc) select number, ? from runs where dag_id = ? and id = ?
         on conflict (run) do update set doc = excluded.doc`,
        recordedText(recorded),
        dagId,
        runId,
      );
    },
    async recorded({ dagId, runId }) {
      const sql =
        'select o.doc from runs r join recorded o on o.run = r.number where r.dag_id = ? and r.id = ?';
      const row = database.get(sql, dagId, runId);
      return row === undefined ? undefined : recordedOf(String(row['doc']));
    },
  };
}

function putRow(database: Database, { dagId, runId }: RunKey, row: TaskRunRow): void {
  const { attempt, task, instance = '' } = row;
  database.run(
    `insert into task_runs (run, attempt, task, instance, doc)
     select number, ?, ?, ?, ? from runs where dag_id = ? and id = ?
     on conflict (run, attempt, task, instance) do update set doc = excluded.doc where doc <> excluded.doc`,
    ...[attempt, task, instance, JSON.stringify(row), dagId, runId],
  );
}
