/**
 * Pools as a table of SQLite: who holds places, who waits, in the order they asked. In `.tutti/pools.sqlite` all runs of
 * a project on this machine share it; SQLite orders their writes, and a process that dies in one leaves nothing behind.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { RefusedError } from '../base/errors.ts';
import { isAlive } from './process-alive.ts';

/** One run of a task that asks. */
export interface Place {
  readonly pool: string;
  readonly holder: string;
  readonly slots: number;
  /** Places of the pool in all, as the one who asks knows it. */
  readonly limit: number;
  /** For how long they are lent, milliseconds. */
  readonly leaseMs: number;
  /** Process that asks. */
  readonly pid: number;
}

export interface PoolTable {
  /** Asks; who has asked before keeps its place, and its slots with a new lease. Gives who holds slots only now. */
  readonly ask: (place: Place, nowMs: number) => readonly string[];
  /** Gives slots back, or the place in the queue; nothing where there is none. Gives who holds slots only now. */
  readonly leave: (pool: string, holder: string, nowMs: number) => readonly string[];
  /** Takes back what was lent for too long or to processes that are gone. Gives who of process `pid` holds slots. */
  readonly look: (pool: string, pid: number, nowMs: number) => readonly string[];
  readonly close: () => void;
}

/** How long a process waits for another one's write, milliseconds. */
const BUSY_MS = 10_000;

const SCHEMA = `
  pragma journal_mode = wal;
  -- After a power cut nobody holds anything: no lease is worth waiting for the disk.
  pragma synchronous = off;
  create table if not exists places (
    number integer primary key autoincrement,
    pool text not null, holder text not null, slots integer not null, most integer not null,
    lease_ms integer not null, pid integer not null,
    -- Null: it waits.
    until_ms integer,
    unique (pool, holder)
  ) strict;
  create index if not exists waiting on places (pool, until_ms, number);
  create index if not exists processes on places (pid);`;

/**
 * Opens the table in `file`, or one of this process alone in `':memory:'`.
 *
 * @throws {RefusedError} `not-writable`
 */
export async function openPools(file: string): Promise<PoolTable> {
  const sqlite = await import('node:sqlite');
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
    const database = new sqlite.DatabaseSync(file, { timeout: BUSY_MS });
    database.exec(SCHEMA);
    return poolTable(database);
  } catch (error) {
    throw unusable(file, error);
  }
}

function poolTable(database: DatabaseSync): PoolTable {
  const statement = (sql: string) => {
    const prepared = database.prepare(sql);
    return (...values: readonly SQLInputValue[]) => prepared.all(...values);
  };
  const add = statement(`
    insert into places (pool, holder, slots, most, lease_ms, pid) values (?, ?, ?, ?, ?, ?)
    on conflict (pool, holder) do update set slots = excluded.slots, most = excluded.most,
      lease_ms = excluded.lease_ms, pid = excluded.pid,
      until_ms = iif(until_ms is null, null, ? + excluded.lease_ms)`);
  const remove = statement('delete from places where pool = ? and holder = ?');
  const expire = statement('delete from places where pool = ? and until_ms <= ?');
  const processes = statement('select distinct pid from places');
  const bury = statement('delete from places where pid = ?');
  const used = statement(
    'select coalesce(sum(slots), 0) as slots from places where pool = ? and until_ms is not null',
  );
  const next = statement(
    'select number, holder, slots, most, lease_ms from places where pool = ? and until_ms is null order by number limit 1',
  );
  const lend = statement('update places set until_ms = ? where number = ?');
  const held = statement('select holder from places where pool = ? and pid = ? and until_ms is not null');

  /** Lends in the order of asking: who needs more than are free waits, and nobody overtakes. */
  const serve = (pool: string, nowMs: number): readonly string[] => {
    expire(pool, nowMs);
    const lent: string[] = [];
    let taken = Number(used(pool)[0]?.['slots']);
    for (let [first] = next(pool); first !== undefined; [first] = next(pool)) {
      taken += Number(first['slots']);
      if (taken > Number(first['most'])) break;
      lend(nowMs + Number(first['lease_ms']), Number(first['number']));
      lent.push(String(first['holder']));
    }
    return lent;
  };
  const alone = <T>(work: () => T): T => {
    database.exec('begin immediate');
    try {
      const result = work();
      database.exec('commit');
      return result;
    } catch (error) {
      database.exec('rollback');
      throw error;
    }
  };
  return {
    ask: ({ pool, holder, slots, limit, leaseMs, pid }, nowMs) =>
      alone(() => {
        add(pool, holder, slots, limit, leaseMs, pid, nowMs);
        return serve(pool, nowMs);
      }),
    leave: (pool, holder, nowMs) =>
      alone(() => {
        remove(pool, holder);
        return serve(pool, nowMs);
      }),
    look: (pool, pid, nowMs) =>
      alone(() => {
        for (const row of processes()) if (!isAlive(Number(row['pid']))) bury(Number(row['pid']));
        serve(pool, nowMs);
        return held(pool, pid).map(({ holder }) => String(holder));
      }),
    close: () => database.close(),
  };
}

function unusable(file: string, cause: unknown): RefusedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const text = `pools › ${file}: must be a file that can be written, got ${why}; remove it, or end the process that holds it`;
  return new RefusedError('not-writable', text, { cause });
}
