/** Records of another environment's ledger, read as a store gives them. */
import { RefusedError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';
import type { DagHead, DagVersion } from '../../model/dag-version.ts';
import type { Run } from '../../model/run.ts';
import type { AuditEntry, Backfill, BackfillDate, TaskRunRow } from '../../store/store.ts';
import type { LedgerReads } from '../ledger/ledger.ts';
import { type ApiClient, pathTo } from './client.ts';

export function readsOf(api: ApiClient): LedgerReads {
  const versions = new Map<string, Promise<DagVersion | undefined>>();
  const dag = (dagId: string) => pathTo('records', 'dags', dagId);
  return {
    dags: {
      head: (dagId) => orNothing(api.get<DagHead>(dag(dagId)), ['unknown-dag']),
      heads: async () => (await api.pages<DagHead>('/records/dags', {})).items,
      version(dagId, hash) {
        const key = `${dagId} ${hash}`;
        const found = versions.get(key) ?? orNothing(versionOf(api, dagId, hash), ['unknown-version']);
        versions.set(key, found);
        return found;
      },
    },
    runs: {
      get: ({ dagId, runId }) =>
        orNothing(api.get<Run>(`${dag(dagId)}${pathTo('runs', runId)}`), ['unknown-run', 'unknown-dag']),
      list: ({ dagId, states, types, limit = 100, ...rest }) =>
        api.pages<Run>('/records/runs', { ...rest, dag: dagId, state: states, type: types }, limit),
      open: async (of = {}) =>
        (await api.pages<Run>('/records/open', { dag: of.dagId, lane: of.lane })).items,
    },
    taskRuns: {
      list: async ({ dagId, runId }, of = {}) =>
        (await api.pages<TaskRunRow>(`${dag(dagId)}${pathTo('runs', runId, 'tasks')}`, { ...of })).items,
    },
    backfills: {
      get: async (dagId, id) =>
        (await api.get<{ readonly backfill?: Backfill }>(`${dag(dagId)}${pathTo('backfills', id)}`)).backfill,
      list: ({ dagId, limit = 100, ...rest }) =>
        api.pages<Backfill>('/records/backfills', { ...rest, dag: dagId }, limit),
      async dates(dagId, id, states, limit) {
        const path = `${dag(dagId)}${pathTo('backfills', id, 'dates')}`;
        const { items } = await api.pages<BackfillDate>(path, {});
        const wanted = states === undefined ? items : items.filter(({ state }) => states.includes(state));
        return wanted.slice(0, limit);
      },
    },
    audit: {
      list: ({ dagId, runId, limit = 100, ...rest }) =>
        api.pages<AuditEntry>('/audit', { ...rest, dag: dagId, run: runId }, limit),
    },
  };
}

/** What is not there is an answer. */
async function orNothing<T>(asked: Promise<T>, codes: readonly string[]): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof RefusedError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

interface VersionPart {
  readonly version: object;
  readonly parts: readonly (readonly [list: string, key: string, entry: unknown])[];
  readonly cursor?: string;
}

/** A version may be larger than a reply: its lists come in parts. */
async function versionOf(api: ApiClient, dagId: string, hash: string): Promise<DagVersion> {
  const path = pathTo('records', 'dags', dagId, 'versions', hash);
  let page = await api.get<VersionPart>(path);
  const version: Record<string, unknown> = structuredClone({ ...page.version });
  put(version, ['manifest', 'states'], {});
  for (const list of ['dag.tasks', 'dag.groups', 'manifest.tasks', 'manifest.groups'])
    put(version, list.split('.'), []);
  for (;;) {
    for (const part of page.parts) add(version, part);
    // Whole by now: the API divided a version, and its answers are put together as they say.
    if (page.cursor === undefined) return version as unknown as DagVersion;
    page = await api.get<VersionPart>(path, { cursor: page.cursor });
  }
}

function put(
  version: Record<string, unknown>,
  [of = '', name = '']: readonly string[],
  value: unknown,
): void {
  const at = version[of];
  if (isObject(at)) Object.assign(at, { [name]: value });
}

function add(version: Record<string, unknown>, [list, key, entry]: VersionPart['parts'][number]): void {
  const [of = '', name = ''] = list.split('.');
  const at = version[of];
  if (!isObject(at)) return;
  const there: unknown = at[name];
  if (Array.isArray(there)) there.push(entry);
  else if (isObject(there)) Object.assign(there, { [key]: entry });
  else put(version, [of, name], [entry]);
}
