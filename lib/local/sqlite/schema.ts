/** Tables of the store, by version: a migration is never changed once it was released, another follows. */

/** `TUTT`: tells our files from other SQLite databases. @see https://www.sqlite.org/pragma.html#pragma_application_id */
export const APPLICATION_ID = 0x54555454;

/**
 * `doc` holds a whole value as JSON; the columns beside it are what it is found, ordered and guarded by. `seq` is the place
 * of the last write among all writes of runs and heads.
 */
const FIRST = `
  -- One row. floor: cursors of before were told of runs that are no more.
  create table store (id text not null, floor integer not null) strict;

  -- written: another one with each write.
  create table dag_versions (
    dag_id text not null, hash text not null, written text not null, doc text not null,
    primary key (dag_id, hash)
  ) strict;
  create table dag_heads (
    dag_id text primary key, rev integer not null, seq integer not null, doc text not null
  ) strict;
  create index dag_heads_seq on dag_heads (seq);

  create table runs (
    number integer primary key,
    dag_id text not null, id text not null, type text not null, state text not null, lane text not null,
    logical_date text not null, created_at text not null, started_at text, ended_at text,
    rev integer not null, seq integer not null, doc text not null,
    unique (dag_id, id)
  ) strict;
  create index runs_state on runs (state, created_at, dag_id, id);
  create index runs_seq on runs (seq);
  create index runs_open on runs (dag_id, lane) where state in ('queued', 'starting', 'running');

  create table lanes (
    dag_id text not null, lane text not null, run_id text not null,
    primary key (dag_id, lane, run_id)
  ) strict, without rowid;

  -- number: in the order they were first put. instance: '' for the task as a whole.
  create table task_runs (
    number integer primary key,
    run integer not null, attempt integer not null, task text not null, instance text not null, doc text not null,
    unique (run, attempt, task, instance)
  ) strict;
  create table recorded (run integer primary key, doc text not null) strict;

  create table backfills (
    number integer primary key,
    dag_id text not null, id text not null, state text not null, rev integer not null, doc text not null,
    unique (dag_id, id)
  ) strict;
  create table backfill_dates (
    backfill integer not null, logical_date text not null, position integer not null, state text not null,
    doc text not null,
    primary key (backfill, logical_date)
  ) strict, without rowid;
  create index backfill_dates_state on backfill_dates (backfill, state, position);

  create table audit (
    id text primary key, at text not null, actor text not null, action text not null, dag_id text, run_id text,
    doc text not null
  ) strict;
  create index audit_dag on audit (dag_id, id);

  create table leases (name text primary key, holder text not null, until_ms real not null, doc text not null) strict;
  create table answers (key text primary key, until_ms real not null, doc text not null) strict;
  create index answers_until on answers (until_ms);`;

/** What leads from each version to the next, from 0: nothing there. */
export const MIGRATIONS: readonly string[] = [FIRST];
