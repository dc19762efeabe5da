/** DAGs: which there are, how they go, what they are made of. */
import * as z from 'zod';
import { compareTexts } from '../../base/compare.ts';
import type { DagHead } from '../../model/dag-version.ts';
import type { Run } from '../../model/run.ts';
import { MAX_RECENT, type RecentRuns } from '../../store/store.ts';
import { cursorOf, textOfCursor } from '../cursor.ts';
import { headView, isLate, lastOf, recentView } from '../dag-view.ts';
import { cutIf, pageOf } from '../fit.ts';
import { type Api, get, type Route } from '../route.ts';
import { dag, dagRow } from '../schemas/dag.ts';
import { flag, number, paged, several, text } from '../schemas/inputs.ts';
import { lazy } from '../schemas/lazy.ts';
import { page } from '../schemas/words.ts';

const STATES = ['failing', 'running', 'late', 'paused', 'retired'] as const;

const listDags = get('/dags', {
  id: 'listDags',
  summary: 'DAGs by id, each with its last runs.',
  query: () => ({
    ...paged(),
    runs: number({ min: 0, max: MAX_RECENT }).default(14).meta({ description: 'How many runs of each.' }),
    q: text(200, 'Part of its id, description, owner or a tag.'),
    tag: text(200, 'A tag it has.'),
    owner: text(200, 'Its owner.'),
    state: several(STATES, 'How it goes; `failing`: its last run that ended failed.'),
    paused: flag('Whether it is paused.'),
    retired: flag('Also those that the project has no more.'),
  }),
  reply: () => page(dagRow()),
  memo: true,
  async answer({ api, query }) {
    const { store, clock } = api.world;
    const { limit, cursor, runs } = query;
    const after = textOfCursor('dags', cursor);
    const [heads, recent, open] = await Promise.all([
      store.dags.heads(),
      store.dags.recent(Math.max(1, runs)),
      store.runs.open(),
    ]);
    const recents = new Map(recent.map((each) => [each.dagId, each]));
    const opens = Map.groupBy(open, ({ dagId }) => dagId);
    const wanted = heads
      .filter((head) => matchesText(head, query))
      .filter(
        (head) =>
          query.retired === true || query.state?.includes('retired') === true || head.retiredAt === undefined,
      )
      .filter((head) => after === undefined || compareTexts(head.dagId, after) > 0);
    // Several at once: who has just been started knows none of them.
    await Promise.all(wanted.slice(0, limit + 1).map(async (head) => api.versions.current(head)));
    const items = [];
    for (const head of wanted) {
      if (items.length > limit) break;
      const now = clock.now();
      const facts = await factsOf(api, head, opens.get(head.dagId) ?? []);
      if (!(query.state ?? []).every((state) => isIn(state, head, facts, recents.get(head.dagId)))) continue;
      const shown = recents.get(head.dagId)?.runs.slice(0, runs) ?? [];
      items.push({ ...headView(head, facts.version, now), late: facts.late, ...recentView(shown, now) });
    }
    const { items: fitting } = pageOf('dags', items, { from: 0, limit });
    const last = items.length > fitting.length ? fitting.at(-1) : undefined;
    return { items: fitting, cursor: last === undefined ? undefined : cursorOf('dags', last.id) };
  },
});

const getDag = get('/dags/{dagId}', {
  id: 'getDag',
  summary: 'One DAG.',
  reply: dag,
  async answer({ api, params: { dagId } }) {
    const { store, clock } = api.world;
    const head = await api.versions.head(dagId);
    const [open, newest] = await Promise.all([
      store.runs.open({ dagId }),
      store.runs.list({ dagId, limit: 1 }),
    ]);
    const { version, late } = await factsOf(api, head, open);
    const [last] = newest.items;
    return {
      ...headView(head, version, clock.now()),
      doc: cutIf(version?.dag.doc, 100_000),
      start: version?.dag.start,
      end: version?.dag.end,
      catchup: version?.dag.catchup ?? false,
      maxActiveRuns: version?.dag.maxActiveRuns ?? 0,
      tasks: version?.rows.length ?? 0,
      late,
      open: open.length,
      last: last === undefined ? undefined : lastOf(last),
    };
  },
});

async function factsOf(api: Api, head: DagHead, open: readonly Run[]) {
  const version = await api.versions.current(head);
  const now = api.world.clock.now();
  return { version, late: open.filter((run) => isLate(run, version?.dag, now)).length, open };
}

interface Filters {
  readonly q?: string | undefined;
  readonly tag?: string | undefined;
  readonly owner?: string | undefined;
  readonly paused?: boolean | undefined;
}

function matchesText(head: DagHead, { q, tag, owner, paused }: Filters): boolean {
  const wanted = q?.toLowerCase();
  const texts = [head.dagId, head.description ?? '', head.owner ?? '', ...head.tags];
  return (
    (wanted === undefined || texts.some((each) => each.toLowerCase().includes(wanted))) &&
    (tag === undefined || head.tags.includes(tag)) &&
    (owner === undefined || head.owner === owner) &&
    (paused === undefined || head.paused === paused)
  );
}

function isIn(
  state: (typeof STATES)[number],
  head: DagHead,
  { late, open }: Awaited<ReturnType<typeof factsOf>>,
  recent: RecentRuns | undefined,
): boolean {
  switch (state) {
    case 'failing':
      return recent?.runs.find(({ endedAt }) => endedAt !== undefined)?.state === 'failed';
    case 'running':
      return open.length > 0;
    case 'late':
      return late > 0;
    case 'paused':
      return head.paused;
    case 'retired':
      return head.retiredAt !== undefined;
  }
}

/** A version by when its runs were. */
const versionRow = lazy(() =>
  z
    .strictObject({
      version: z.string(),
      current: z.boolean(),
      tasks: z.int().nullable().meta({ description: 'How many; null where it is kept no more.' }),
      schedule: z.string().optional(),
      runs: z.int().meta({ description: 'Of the last 1,000 runs.' }),
      first: z.string().optional().meta({ description: 'Its first run of those.' }),
      last: z.string().optional(),
    })
    .meta({ id: 'VersionRow' }),
);

const listVersions = get('/dags/{dagId}/versions', {
  id: 'listVersions',
  summary: 'Versions of a DAG that its last 1,000 runs had, and the current one; newest first.',
  reply: () => page(versionRow()),
  memo: true,
  async answer({ api, params: { dagId } }) {
    const head = await api.versions.head(dagId);
    const { items } = await api.world.store.runs.list({ dagId, limit: 1_000 });
    const byVersion = Map.groupBy(items, ({ version }) => version);
    const hashes = [...new Set([head.version, ...byVersion.keys()])].slice(0, 200);
    const rows = hashes.map(async (hash) => {
      const version = await api.versions.find(dagId, hash);
      const runs = byVersion.get(hash) ?? [];
      return {
        version: hash,
        current: hash === head.version,
        tasks: version?.rows.length ?? null,
        schedule: cutIf(version?.manifest.schedule, 300),
        runs: runs.length,
        first: runs.at(-1)?.id,
        last: runs[0]?.id,
      };
    });
    return { items: await Promise.all(rows) };
  },
});

export const DAG_ROUTES: readonly Route[] = [listDags, getDag, listVersions];
