/** Versions of DAGs by hash, read and prepared once: what shapes their runs never changes. */
import { RefusedError } from '../base/errors.ts';
import { RecentMap } from '../base/recent-map.ts';
import { nearest } from '../base/suggest.ts';
import type { DagHead, DagVersion } from '../model/dag-version.ts';
import type { ManifestModule, ManifestTask } from '../model/manifest.ts';
import type { DagStore } from '../store/store.ts';

/** A version as views need it. */
export interface Prepared extends DagVersion {
  /** Place of a task in the manifest's order, and so in a run's cells. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** Rows of a grid. */
  readonly rows: readonly GridRow[];
}

/** `[id, label, depth, kind, flags]`; flags: `m` mapped, `i` inside a module, `p` waits for a pool, `t` a teardown. */
export type GridRow = readonly [id: string, label: string, depth: number, kind: string, flags: string];

export interface Versions {
  /** @throws {RefusedError} `unknown-dag` */
  head(dagId: string): Promise<DagHead>;
  /** What the head names, with the schedule and all that may change under the same hash. Absent where no store has it. */
  current(head: DagHead): Promise<Prepared | undefined>;
  /** Absent where no store has it. */
  find(dagId: string, hash: string): Promise<Prepared | undefined>;
  /** @throws {RefusedError} `unknown-version` */
  get(dagId: string, hash: string): Promise<Prepared>;
  /** A run's cells of version `from` in the order of version `to`: `-` where a task was not there. */
  remapped(cells: string, from: Prepared | undefined, to: Prepared): string;
}

/** Most versions kept: the least recently asked for go. */
const MOST = 1_000;

export function versionsOf(store: DagStore): Versions {
  const known = new RecentMap<string, Prepared>(MOST);
  const definitions = new Map<string, string>();
  const orders = new WeakMap<Prepared, WeakMap<Prepared, readonly number[]>>();
  const find = async (dagId: string, hash: string) => {
    const key = `${hash} ${dagId}`;
    const found = known.get(key) ?? preparedOf(await store.version(dagId, hash));
    if (found === undefined) return undefined;
    known.set(key, found);
    return found;
  };
  return {
    find,
    async current(head) {
      const definition = head.definition ?? '';
      if (definitions.get(head.dagId) !== definition) known.delete(`${head.version} ${head.dagId}`);
      definitions.set(head.dagId, definition);
      return find(head.dagId, head.version);
    },
    async head(dagId) {
      const head = await store.head(dagId);
      if (head !== undefined) return head;
      throw await unknownDag(store, dagId);
    },
    async get(dagId, hash) {
      const found = await find(dagId, hash);
      if (found !== undefined) return found;
      throw new RefusedError(
        'unknown-version',
        `dag "${dagId}" › version: must be one that was registered, got "${hash}"; see its versions`,
      );
    },
    remapped(cells, from, to) {
      if (from === undefined) return '-'.repeat(to.rows.length);
      if (from === to) return cells.padEnd(to.rows.length, '-');
      const ofFrom = orders.get(from) ?? new WeakMap();
      orders.set(from, ofFrom);
      const order = ofFrom.get(to) ?? to.rows.map(([id]) => from.indexOf.get(id) ?? -1);
      ofFrom.set(to, order);
      return order.map((index: number) => cells[index] ?? '-').join('');
    },
  };
}

async function unknownDag(store: DagStore, dagId: string): Promise<RefusedError> {
  const ids = (await store.heads()).map((head) => head.dagId);
  const near = nearest(dagId, ids);
  const there = ids.length === 0 ? 'none is registered' : `there are ${ids.slice(0, 8).join(', ')}`;
  const remedy = near === undefined ? there : `did you mean "${near}"?`;
  return new RefusedError('unknown-dag', `dag: must be one that is registered, got "${dagId}"; ${remedy}`);
}

function preparedOf(version: DagVersion | undefined): Prepared | undefined {
  if (version === undefined) return undefined;
  const { tasks, modules = [] } = version.manifest;
  const byId = new Map(modules.map((module) => [module.id, module]));
  return {
    ...version,
    indexOf: new Map(tasks.map(({ id }, index) => [id, index])),
    rows: tasks.map((task) => rowOf(task, byId)),
  };
}

function rowOf(task: ManifestTask, modules: ReadonlyMap<string, ManifestModule>): GridRow {
  const { id, kind, module, pool } = task;
  const flags = [
    modules.get(id)?.kind === 'map' ? 'm' : '',
    module !== undefined && module !== id ? 'i' : '',
    pool === undefined ? '' : 'p',
    task.triggerRule === 'all_done_setup_success' ? 't' : '',
  ].join('');
  return [id, id.slice(id.lastIndexOf('.') + 1), task.layout.column, kind, flags];
}
