import type { Run, RunKey } from '../../model/run.ts';
import { isExpected, revised } from '../../store/data.ts';
import type { RunStore } from '../../store/store.ts';
import { NEXT_SEQ, sqliteChanges } from './changes.ts';
import { conditions } from './conditions.ts';
import type { Database } from './database.ts';
import { pruneRuns } from './prune.ts';
import { listRuns } from './run-lists.ts';

export function sqliteRuns(database: Database): RunStore {
  return {
    create: async (run) => create(database, run),
    get: async (key) => read(database, key),
    async update(key, expected, patch) {
      for (;;) {
        const run = read(database, key);
        if (run === undefined || !isExpected(run, expected)) return undefined;
        const next = revised(run, patch);
        if (replace(database, next, run.rev)) return next;
        // Somebody wrote in between: what is there now may still be what is expected.
      }
    },
    list: async (query) => listRuns(database, query),
    async open({ dagId, lane } = {}) {
      const { sql, values } = conditions(['dag_id = ?', dagId], ['lane = ?', lane]);
      return database.values(
        `select doc from runs where state in ('queued', 'starting', 'running') and ${sql}
         order by logical_date, dag_id, id`,
        ...values,
      );
    },
    ...lanes(database),
    changes: async (cursor, limit) => sqliteChanges(database, cursor, limit),
    prune: async (policy) => pruneRuns(database, policy),
  };
}

function create(database: Database, run: Run): boolean {
  const sql = `
    insert into runs (dag_id, id, type, state, lane, logical_date, created_at, started_at, ended_at, rev, seq, doc)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${NEXT_SEQ}, ?) on conflict (dag_id, id) do nothing`;
  const { dagId, id, type, state, lane, logicalDate, createdAt, startedAt, endedAt, rev } = run;
  const values = [
    dagId,
    id,
    type,
    state,
    lane,
    logicalDate,
    createdAt,
    startedAt ?? null,
    endedAt ?? null,
    rev,
  ];
  return database.run(sql, ...values, JSON.stringify(run)) === 1;
}

function read(database: Database, { dagId, runId }: RunKey): Run | undefined {
  return database.value('select doc from runs where dag_id = ? and id = ?', dagId, runId);
}

/** Puts a run in the place of that of revision `rev`. */
function replace(database: Database, run: Run, rev: number): boolean {
  const sql = `
    update runs set type = ?, state = ?, lane = ?, started_at = ?, ended_at = ?, rev = ?, seq = ${NEXT_SEQ}, doc = ?
    where dag_id = ? and id = ? and rev = ?`;
  const { type, state, lane, startedAt, endedAt, dagId, id } = run;
  const values = [type, state, lane, startedAt ?? null, endedAt ?? null, run.rev, JSON.stringify(run)];
  return database.run(sql, ...values, dagId, id, rev) === 1;
}

function lanes(database: Database): Pick<RunStore, 'admit' | 'release' | 'admitted'> {
  return {
    async admit(dagId, lane, runId, max) {
      const place = [dagId, lane, runId];
      const taken = database.run(
        `insert into lanes (dag_id, lane, run_id) select ?, ?, ?
         where (select count(*) from lanes where dag_id = ? and lane = ?) < ? on conflict do nothing`,
        ...place,
        dagId,
        lane,
        max,
      );
      if (taken === 1) return true;
      return (
        database.get('select 1 from lanes where dag_id = ? and lane = ? and run_id = ?', ...place) !==
        undefined
      );
    },
    async release(dagId, lane, runId) {
      database.run('delete from lanes where dag_id = ? and lane = ? and run_id = ?', dagId, lane, runId);
    },
    async admitted(dagId, lane) {
      const sql = 'select run_id from lanes where dag_id = ? and lane = ? order by run_id';
      return database.all(sql, dagId, lane).map((row) => String(row['run_id']));
    },
  };
}
