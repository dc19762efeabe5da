/** Records of the ledger, whole, as the command line reads them of another environment. */
import * as z from 'zod';
import type { Json } from '../../base/json.ts';
import type { DagVersion } from '../../model/dag-version.ts';
import { indexOf } from '../cursor.ts';
import { defined } from '../defined.ts';
import { bytesOf, PAGE_BYTES, pageOf } from '../fit.ts';
import { rowsNow, runNow } from '../progress.ts';
import { get, type Route } from '../route.ts';
import { flag, number, paged, several, text } from '../schemas/inputs.ts';
import {
  backfillDateRecord,
  backfillRecord,
  headRecord,
  LEDGER_STATES,
  runRecord,
  taskRunRecord,
} from '../schemas/records.ts';
import { cursor, jsonObject, list, page, RUN_TYPES } from '../schemas/words.ts';
import { runAt } from './runs.ts';

const listDagRecords = get('/records/dags', {
  id: 'listDagRecords',
  summary: 'All DAGs, retired ones too, as the ledger keeps them.',
  query: paged,
  reply: () => page(headRecord()),
  async answer({ api, query }) {
    return pageFrom('heads', await api.world.store.dags.heads(), query);
  },
});

const getDagRecord = get('/records/dags/{dagId}', {
  id: 'getDagRecord',
  summary: 'One DAG as the ledger keeps it.',
  reply: headRecord,
  answer: ({ api, params: { dagId } }) => api.versions.head(dagId),
});

const getVersionRecord = get('/records/dags/{dagId}/versions/{version}', {
  id: 'getVersionRecord',
  summary: 'A version: its DAG as it was written, and its manifest; in parts where it is large.',
  query: () => ({ cursor: text(2_000, 'Of the reply before.') }),
  reply: () =>
    z.strictObject({
      version: jsonObject().meta({ description: 'Without lists: `dag`, `manifest`, `deployment`.' }),
      parts: list(z.tuple([z.string(), z.string(), jsonObject()]).readonly()).meta({
        description: '`[list, key, entry]`, in order: `dag.tasks`, `manifest.tasks`, `manifest.states` …',
      }),
      cursor: cursor(),
    }),
  async answer({ api, params: { dagId, version }, query }) {
    const { dag, manifest, deployment } = await api.versions.get(dagId, version);
    const { parts, rest } = divided(defined({ dag, manifest, deployment }));
    const shown = pageOf('version', parts, {
      from: indexOf('version', query.cursor),
      limit: parts.length,
      bytes: 500_000,
    });
    return { version: rest, parts: shown.items, cursor: shown.cursor };
  },
});

/** Lists of a version that grow with it; {@link DagVersion} without them. */
function divided({ dag, manifest, ...others }: DagVersion) {
  const { tasks, groups, ...ofDag } = dag;
  const { tasks: told, groups: named, modules, states, ...ofManifest } = manifest;
  const lists = {
    'dag.tasks': tasks,
    'dag.groups': groups,
    'manifest.tasks': told,
    'manifest.groups': named,
    ...(modules === undefined ? {} : { 'manifest.modules': modules }),
  };
  const parts = [
    ...Object.entries(lists).flatMap(([name, items]) =>
      items.map((item) => [name, item.id, { ...item } as { readonly [name: string]: Json }] as const),
    ),
    ...Object.entries(states).map(([key, state]) => ['manifest.states', key, { ...state }] as const),
  ];
  return { parts, rest: JSON.parse(JSON.stringify({ ...others, dag: ofDag, manifest: ofManifest })) };
}

const listRunRecords = get('/records/runs', {
  id: 'listRunRecords',
  summary: 'Runs as the ledger keeps them: of one DAG by logical date, of all by when they were created.',
  query: () => ({
    ...paged(),
    dag: text(200, 'Of this DAG.'),
    state: several(LEDGER_STATES, 'Any of these states.'),
    type: several(RUN_TYPES, 'Any of these types.'),
    from: text(40, 'Logical dates from this on.'),
    to: text(40, 'Logical dates up to this.'),
    order: z.enum(['newest', 'oldest']).optional(),
  }),
  reply: () => page(runRecord()),
  async answer({ api, query: { dag, state, type, limit: most, ...rest } }) {
    const query = defined({ ...rest, dagId: dag, states: state, types: type });
    for (let limit = most; ; limit >>= 1) {
      const found = await api.world.store.runs.list({ ...query, limit });
      if (limit === 1 || bytesOf(found.items) <= PAGE_BYTES) return found;
    }
  },
});

const listOpenRecords = get('/records/open', {
  id: 'listOpenRecords',
  summary: 'Every run that is queued or goes on, oldest logical date first.',
  query: () => ({
    ...paged(),
    dag: text(200, 'Of this DAG.'),
    lane: text(300, '`main`, or `BF#` and a backfill.'),
  }),
  reply: () => page(runRecord()),
  async answer({ api, query: { dag, lane, ...part } }) {
    const open = await api.world.store.runs.open(dag === undefined ? undefined : { dagId: dag });
    const wanted = lane === undefined ? open : open.filter((run) => run.lane === lane);
    return pageFrom('open', wanted, part);
  },
});

const getRunRecord = get('/records/dags/{dagId}/runs/{runId}', {
  id: 'getRunRecord',
  summary: 'One run as the ledger keeps it.',
  reply: runRecord,
  answer: async ({ api, params }) => runNow(api, await runAt(api, params)),
});

const listTaskRunRecords = get('/records/dags/{dagId}/runs/{runId}/tasks', {
  id: 'listTaskRunRecords',
  summary: 'Task runs of all attempts of a run with their tries, instances included.',
  query: () => ({
    ...paged(),
    task: text(300, 'Only of this task.'),
    attempt: number({ min: 1, max: 1_000_000 }).optional().meta({ description: 'Only of this attempt.' }),
  }),
  reply: () => page(taskRunRecord()),
  async answer({ api, params, query: { task, attempt, ...part } }) {
    const run = await runAt(api, params);
    return pageFrom('task-records', await rowsNow(api, run, defined({ task, attempt })), part);
  },
});

const listBackfillRecords = get('/records/backfills', {
  id: 'listBackfillRecords',
  summary: 'Backfills as the ledger keeps them, newest first.',
  query: () => ({
    ...paged(),
    dag: text(200, 'Of this DAG.'),
    active: flag('Only those that run or are paused.'),
  }),
  reply: () => page(backfillRecord()),
  answer: ({ api, query: { dag, active, ...part } }) =>
    api.world.store.backfills.list(defined({ ...part, dagId: dag, active })),
});

const getBackfillRecord = get('/records/dags/{dagId}/backfills/{backfillId}', {
  id: 'getBackfillRecord',
  summary: 'One backfill as the ledger keeps it.',
  reply: () =>
    z.strictObject({
      backfill: backfillRecord().optional().meta({ description: 'Absent: there is none.' }),
    }),
  answer: async ({ api, params: { dagId, backfillId } }) => ({
    backfill: await api.world.store.backfills.get(dagId, backfillId),
  }),
});

const listDateRecords = get('/records/dags/{dagId}/backfills/{backfillId}/dates', {
  id: 'listBackfillDateRecords',
  summary: 'Dates of a backfill in the order in which they run.',
  query: paged,
  reply: () => page(backfillDateRecord()),
  async answer({ api, params: { dagId, backfillId }, query }) {
    return pageFrom('date-records', await api.world.store.backfills.dates(dagId, backfillId), query);
  },
});

interface Part {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

function pageFrom<T>(of: string, items: readonly T[], { limit, cursor: after }: Part) {
  return pageOf(of, items, { from: indexOf(of, after), limit });
}

export const RECORD_ROUTES: readonly Route[] = [
  listDagRecords,
  getDagRecord,
  getVersionRecord,
  listRunRecords,
  listOpenRecords,
  getRunRecord,
  listTaskRunRecords,
  listBackfillRecords,
  getBackfillRecord,
  listDateRecords,
];
