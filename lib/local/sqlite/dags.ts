import { randomUUID } from 'node:crypto';
import type { DagHead, DagVersion } from '../../model/dag-version.ts';
import { frozen, revised } from '../../store/data.ts';
import type { DagStore } from '../../store/store.ts';
import { NEXT_SEQ } from './changes.ts';
import type { Database, Row } from './database.ts';
import { recentReader } from './recent.ts';

export function sqliteDags(database: Database): DagStore {
  const cache = new VersionCache();
  const recent = recentReader(database);
  const head = (dagId: string) =>
    database.value<DagHead>('select doc from dag_heads where dag_id = ?', dagId);
  return {
    async putVersion(version) {
      database.run(
        `insert into dag_versions (dag_id, hash, written, doc) values (?, ?, ?, ?)
         on conflict (dag_id, hash) do update set written = excluded.written, doc = excluded.doc where doc <> excluded.doc`,
        version.dag.id,
        version.manifest.hash,
        randomUUID(),
        JSON.stringify(version),
      );
    },
    async version(dagId, hash) {
      const of = 'from dag_versions where dag_id = ? and hash = ?';
      const written = database.get(`select written ${of}`, dagId, hash)?.['written'];
      if (written === undefined) return undefined;
      const key = String(written);
      return cache.get(key) ?? cache.keep(key, database.get(`select doc ${of}`, dagId, hash));
    },
    head: async (dagId) => head(dagId),
    heads: async () => database.values('select doc from dag_heads order by dag_id'),
    async createHead(created) {
      const sql = `insert into dag_heads (dag_id, rev, seq, doc) values (?, ?, ${NEXT_SEQ}, ?) on conflict do nothing`;
      return database.run(sql, created.dagId, created.rev, JSON.stringify(created)) === 1;
    },
    async updateHead(dagId, rev, patch) {
      const before = head(dagId);
      if (before?.rev !== rev) return undefined;
      const next = revised(before, patch);
      const sql = `update dag_heads set rev = ?, seq = ${NEXT_SEQ}, doc = ? where dag_id = ? and rev = ?`;
      return database.run(sql, next.rev, JSON.stringify(next), dagId, rev) === 1 ? next : undefined;
    },
    recent: async (count) => recent(count),
  };
}

/** Versions as objects, by what tells their writes apart: each tick of each DAG reads one, and they are large. */
class VersionCache {
  /** Least recently read first. */
  readonly #kept = new Map<string, { readonly version: DagVersion; readonly size: number }>();
  #size = 0;

  get(key: string): DagVersion | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.version;
  }

  keep(key: string, row: Row | undefined): DagVersion | undefined {
    if (row === undefined) return undefined;
    const text = String(row['doc']);
    const version: DagVersion = frozen(JSON.parse(text));
    this.#kept.set(key, { version, size: text.length });
    this.#size += text.length;
    for (const [oldest, { size }] of this.#kept) {
      if (this.#size <= CACHED_CHARACTERS) break;
      this.#kept.delete(oldest);
      this.#size -= size;
    }
    return version;
  }
}

const CACHED_CHARACTERS = 16_000_000;
