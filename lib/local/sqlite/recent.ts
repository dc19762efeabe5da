import { frozen } from '../../store/data.ts';
import { limitOf } from '../../store/page.ts';
import { MAX_RECENT, type RecentRuns, type RunOutline } from '../../store/store.ts';
import { placeOf } from './changes.ts';
import type { Database, Row } from './database.ts';

/** What was found, and after which write: whoever asks again reads the DAGs anew whose runs were written since. */
interface Found {
  readonly count: number;
  readonly floor: number;
  readonly last: number;
  readonly runs: ReadonlyMap<string, readonly RunOutline[]>;
}

/** Answers `recent`: pages ask for it again and again, and little has changed each time. */
export function recentReader(database: Database): (count: number) => readonly RecentRuns[] {
  let before: Found | undefined;
  return (count) => {
    before = foundNow(database, limitOf(count, MAX_RECENT), before);
    const { runs } = before;
    return database.all('select dag_id from dag_heads order by dag_id').flatMap((row) => {
      const dagId = String(row['dag_id']);
      const of = runs.get(dagId) ?? [];
      return of.length === 0 ? [] : { dagId, runs: of };
    });
  };
}

function foundNow(database: Database, count: number, before: Found | undefined): Found {
  // Asked first: what is written in between is read now and once more.
  const { floor, last } = placeOf(database);
  // Runs were removed, or it is another question.
  if (before?.count !== count || before.floor !== floor)
    return {
      count,
      floor,
      last,
      runs: new Map(outlinesIn(database, 'select distinct dag_id from runs', count)),
    };
  if (before.last === last) return before;
  // Not by the index of DAGs, which would do without sorting and read all runs.
  const written = 'select distinct dag_id from runs indexed by runs_seq where seq > ?';
  const runs = new Map([...before.runs, ...outlinesIn(database, written, count, before.last)]);
  return { count, floor, last, runs };
}

/** By DAG; as one text of each: thousands of rows would take longer to come over than to be found. */
function outlinesIn(
  database: Database,
  dags: string,
  count: number,
  ...values: readonly number[]
): readonly (readonly [string, readonly RunOutline[]])[] {
  const rows = database.all(
    `select dag_id, (
       select json_group_array(json_array(id, type, state, logical_date, started_at, ended_at))
       from (select * from runs where dag_id = dags.dag_id order by id desc limit ?)
     ) as doc
     from (${dags}) as dags`,
    count,
    ...values,
  );
  return rows.map((row) => [String(row['dag_id']), frozen(outlinesOf(row))]);
}

type Outline = readonly [string, RunOutline['type'], RunOutline['state'], string, ...(string | null)[]];

function outlinesOf({ doc }: Row): readonly RunOutline[] {
  const runs: readonly Outline[] = JSON.parse(String(doc));
  return runs.map(([id, type, state, logicalDate, startedAt, endedAt]) => ({
    id,
    type,
    state,
    logicalDate,
    ...(typeof startedAt === 'string' ? { startedAt } : {}),
    ...(typeof endedAt === 'string' ? { endedAt } : {}),
  }));
}
