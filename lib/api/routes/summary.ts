/** What needs somebody now. */
import * as z from 'zod';
import type { DagHead } from '../../model/dag-version.ts';
import type { Run } from '../../model/run.ts';
import { charOf } from '../../model/state-chars.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { currentHeads } from '../../store/current-heads.ts';
import { deadlineMs } from '../dag-view.ts';
import { cut, cutIf } from '../fit.ts';
import { type Api, get, type Route } from '../route.ts';
import { number } from '../schemas/inputs.ts';
import { lazy } from '../schemas/lazy.ts';
import { stateTold } from '../schemas/run.ts';
import { at, list, wasCut } from '../schemas/words.ts';
import { runsSince } from './calendar.ts';

const HOUR_MS = 3_600_000;
/** Most entries of one kind. */
const MOST = 200;

const failing = lazy(() =>
  z
    .strictObject({
      dag: z.string(),
      run: z.string(),
      task: z.string().optional(),
      try: z.int().optional(),
      error: z.string().optional(),
      cause: z.string().optional(),
      at: at(),
    })
    .meta({ id: 'Failing', description: 'A DAG whose last run that ended failed.' }),
);

const late = lazy(() =>
  z
    .strictObject({ dag: z.string(), run: z.string(), state: z.string(), expected: at() })
    .meta({ id: 'Late', description: 'A run that should have been done.' }),
);

const getSummary = get('/summary', {
  id: 'getSummary',
  summary: 'What fails, runs, waits and is late, and how the last hours were.',
  query: () => ({
    hours: number({ min: 1, max: 168 }).default(24).meta({ description: 'How far back.' }),
  }),
  reply: () =>
    z.strictObject({
      counts: z.strictObject({
        failing: z.int(),
        running: z.int(),
        queued: z.int(),
        late: z.int(),
        paused: z.int(),
        backfills: z.int(),
        dags: z.int(),
      }),
      failing: list(failing()),
      late: list(late()),
      buckets: list(z.tuple([at(), z.string()]).readonly()).meta({
        description: 'By hour of their end: `["…", "s12f1"]`.',
      }),
      backfills: list(
        z.strictObject({ id: z.string(), dag: z.string(), state: z.string(), from: at(), to: at() }),
      ),
      cut: wasCut(),
    }),
  async answer({ api, query: { hours } }) {
    const { store, clock } = api.world;
    const now = clock.now();
    const [heads, open, backfills, recent, since] = await Promise.all([
      store.dags.heads(),
      store.runs.open(),
      store.backfills.list({ active: true, limit: MOST }),
      failingRuns(api),
      runsSince(store.runs, isoText(now - hours * HOUR_MS)),
    ]);
    const lates = await lateRuns(api, heads, open, now);
    const isMore =
      recent.length > MOST || lates.length > MOST || since.more || backfills.cursor !== undefined;
    return {
      counts: {
        failing: recent.length,
        running: open.filter(({ state }) => state === 'running').length,
        queued: open.filter(({ state }) => state !== 'running').length,
        late: lates.length,
        paused: heads.filter(({ paused }) => paused).length,
        backfills: backfills.items.length,
        dags: heads.filter(({ retiredAt }) => retiredAt === undefined).length,
      },
      failing: recent.slice(0, MOST).map(failingOf),
      late: lates.slice(0, MOST),
      buckets: bucketsOf(since.runs, now - hours * HOUR_MS),
      backfills: backfills.items.map(({ id, dagId, state, from, to }) => ({
        id,
        dag: dagId,
        state,
        from,
        to,
      })),
      ...(isMore ? { cut: true as const } : {}),
    };
  },
});

/** Of each DAG, its last run that ended, where it failed. */
async function failingRuns({ world: { store } }: Api): Promise<readonly Run[]> {
  const recent = await store.dags.recent(20);
  const keys = recent.flatMap(({ dagId, runs }) => {
    const last = runs.find(({ endedAt }) => endedAt !== undefined);
    return last?.state === 'failed' ? [{ dagId, runId: last.id }] : [];
  });
  const runs = await Promise.all(keys.slice(0, MOST + 1).map((key) => store.runs.get(key)));
  return runs
    .filter((run) => run !== undefined)
    .sort((a, b) => Date.parse(b.endedAt ?? '') - Date.parse(a.endedAt ?? ''));
}

function failingOf({ dagId, id, failed = [], error, cause, endedAt, createdAt }: Run) {
  const [first] = failed;
  return {
    dag: dagId,
    run: id,
    task: first?.task,
    try: first?.try,
    error: cutIf(first?.error ?? error, 200),
    cause: cutIf(first?.cause ?? cause, 400),
    at: endedAt ?? createdAt,
  };
}

async function lateRuns(api: Api, heads: readonly DagHead[], open: readonly Run[], now: number) {
  const byId = new Map(heads.map((head) => [head.dagId, head]));
  const lates = await Promise.all(
    open.map(async (run) => {
      const head = byId.get(run.dagId);
      const version = head === undefined ? undefined : await api.versions.current(head);
      const deadline = version === undefined ? undefined : deadlineMs(run, version.dag);
      if (deadline === undefined || deadline >= now) return [];
      return [{ dag: run.dagId, run: run.id, state: stateTold(run.state), expected: isoText(deadline) }];
    }),
  );
  return lates.flat();
}

function bucketsOf(runs: readonly Run[], fromMs: number) {
  const ended = runs.flatMap(({ endedAt, state }) =>
    endedAt === undefined || Date.parse(endedAt) < fromMs
      ? []
      : [{ hour: `${endedAt.slice(0, 13)}:00:00Z`, char: charOf(stateTold(state)) }],
  );
  return [...Map.groupBy(ended, ({ hour }) => hour)]
    .map(([hour, of]) => {
      const counts = Map.groupBy(of, ({ char }) => char);
      return [hour, [...counts].map(([char, same]) => `${char}${same.length}`).join('')] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const searchIndex = get('/search-index', {
  id: 'getSearchIndex',
  summary: 'Names to search in: DAGs and their tasks.',
  reply: () =>
    z.strictObject({
      dags: list(z.strictObject({ id: z.string(), tags: list(z.string()), tasks: list(z.string()) })),
      cut: wasCut(),
    }),
  memo: true,
  async answer({ api }) {
    const there = await currentHeads(api.world.store.dags);
    let left = 700_000;
    let wasCutShort = false;
    const dags = [];
    for (const head of there) {
      const { dagId, tags } = head;
      const rows = (await api.versions.current(head))?.rows ?? [];
      left -= rows.reduce((sum, [id]) => sum + id.length + 3, 0) + 300;
      // Names of DAGs are told however many there are; of their tasks as many as fit.
      if (left < 0) wasCutShort = true;
      const tasks = left < 0 ? [] : rows.map(([id]) => id);
      dags.push({ id: dagId, tags: tags.slice(0, 10).map((tag) => cut(tag, 60)), tasks });
    }
    return { dags, ...(wasCutShort ? { cut: true as const } : {}) };
  },
});

export const SUMMARY_ROUTES: readonly Route[] = [getSummary, searchIndex];
