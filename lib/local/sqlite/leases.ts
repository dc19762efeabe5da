import type { LeaseStore } from '../../store/store.ts';
import type { Database } from './database.ts';

export function sqliteLeases(database: Database): LeaseStore {
  return {
    acquire: async (name, holder, untilMs, nowMs) =>
      database.alone(() => {
        const taken = database.run(
          `insert into leases (name, holder, until_ms, doc) values (?, ?, ?, ?)
           on conflict (name) do update set holder = excluded.holder, until_ms = excluded.until_ms, doc = excluded.doc
           where holder = excluded.holder or until_ms <= ?`,
          ...[name, holder.id, untilMs, JSON.stringify(holder), nowMs],
        );
        return taken === 1 ? undefined : database.value('select doc from leases where name = ?', name);
      }),
    async release(name, holderId) {
      database.run('delete from leases where name = ? and holder = ?', name, holderId);
    },
    async holder(name, nowMs) {
      return database.value('select doc from leases where name = ? and until_ms > ?', name, nowMs);
    },
    once: async (key, value, untilMs, nowMs) =>
      database.alone(() => {
        const first = database.run(
          `insert into answers (key, until_ms, doc) values (?, ?, ?)
           on conflict (key) do update set until_ms = excluded.until_ms, doc = excluded.doc where until_ms <= ?`,
          ...[key, untilMs, JSON.stringify(value), nowMs],
        );
        if (first === 0) return database.value('select doc from answers where key = ?', key);
        // So are there never many that have expired.
        database.run(
          'delete from answers where key in (select key from answers where until_ms <= ? limit 10)',
          nowMs,
        );
        return undefined;
      }),
    async settle(key, value, untilMs) {
      database.run(
        `insert into answers (key, until_ms, doc) values (?, ?, ?)
         on conflict (key) do update set until_ms = excluded.until_ms, doc = excluded.doc`,
        ...[key, untilMs, JSON.stringify(value)],
      );
    },
  };
}
