import { beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '../../lib/api/routes.ts';
import type { Json } from '../../lib/base/json.ts';
import type { ManifestTask } from '../../lib/model/manifest.ts';
import type { World } from '../../lib/orchestrator/ports.ts';
import { backfill, backfillDate, dateOf, ended, entry, head, row, version } from '../store/build.ts';
import { type Ask, asking, placeOf } from './seed.ts';

const TASKS = 5_000;
const RUNS = 600;
const DATES = 10_000;
/** JSON writes each of these as six bytes. */
const LONG = '\u0001'.repeat(4_000);
/** Longer than what a list shows, and not so long that keeping thousands takes time. */
const SOME = LONG.slice(0, 350);
const RUN = dateOf(RUNS);

/** A DAG that is as wide as any, whose runs say as much as they can. */
async function wide(): Promise<World> {
  const { world } = placeOf();
  const { dags, runs, taskRuns, backfills, audit } = world.store;
  const ids = Array.from(
    { length: TASKS },
    (_, index) => `${'group_'.repeat(10)}.${String(index).padStart(19, 't')}`,
  );
  const tasks = ids.map(
    (id, index): ManifestTask => ({
      id,
      upstream: [],
      triggerRule: 'all_success',
      kind: 'fn',
      layout: { column: 0, row: index },
    }),
  );
  const { dag, manifest } = version('wide', 'w');
  const states = Object.fromEntries(ids.map((id) => [id, { task: id, role: 'task' }]));
  const groups = Array.from({ length: 100 }, (_, index) => ({
    id: `${index}`,
    tasks: ids.slice(index * 50, index * 50 + 50),
  }));
  await dags.putVersion({
    dag: { ...dag, doc: LONG.repeat(100) },
    manifest: { ...manifest, tasks, groups, states },
  });
  const texts = { description: SOME, owner: SOME, tags: Array(12).fill(SOME), pausedBy: SOME };
  await dags.createHead(head('wide', { version: 'w', ...texts }));
  for (let index = 0; index < 300; index++)
    await dags.createHead(head(`dag${index}`, { ...texts, schedule: SOME }));
  const failed = Array.from({ length: 10 }, (_, index) => ({
    task: ids[index] ?? '',
    try: 3,
    error: SOME,
    cause: SOME,
  }));
  for (let day = 1; day <= RUNS; day++) {
    const last = day < RUNS ? {} : { again: ids, cause: LONG, params: { text: LONG.repeat(20) } };
    const said = { by: SOME, note: SOME, error: SOME, cause: SOME, failed, ...last };
    await runs.create(
      ended(day, { dagId: 'wide', version: 'w', state: 'failed', cells: 'f'.repeat(TASKS), ...said }),
    );
  }
  const failing = (text: string) => ({
    startMs: 1,
    endMs: 2,
    state: 'failed' as const,
    error: text,
    cause: text,
  });
  const triesOf = (index: number) => {
    if (index < 20) return Array(200).fill(failing(SOME));
    return index < 100 ? Array(2).fill(failing(LONG)) : [];
  };
  await taskRuns.put(
    { dagId: 'wide', runId: RUN },
    ids.map((task, index) => row(task, { state: 'failed', label: SOME.slice(0, 60), tries: triesOf(index) })),
  );
  const dates = Array.from({ length: DATES }, (_, index) =>
    backfillDate(index, index, {
      reason: 'already exists, and is left alone',
      runId: dateOf(index),
      attempt: 1,
    }),
  );
  await backfills.create(
    backfill('01JWIDE', { dagId: 'wide', note: LONG, tasks: ids, params: { text: LONG.repeat(20) } }),
    dates,
  );
  for (let index = 0; index < 600; index++)
    await audit.append(entry(`01J${index}`, { dagId: 'wide', details: { text: SOME } }));
  const logs = {
    read: async (_: unknown, { limit = 200 }: { readonly limit?: number }) => ({
      lines: Array.from({ length: limit }, (_line, n) => ({
        n,
        at: dateOf(1),
        level: 'info' as const,
        message: LONG,
        fields: { text: LONG },
      })),
      next: 'n',
      end: true,
    }),
  };
  return { ...world, logs };
}

type Reply = Readonly<Record<string, Json>>;

let ask: Ask;
let world: World;

beforeAll(async () => {
  world = await wide();
  ask = asking(world);
});

async function bounded(path: string, body?: unknown): Promise<Reply> {
  const response = await ask(path, body === undefined ? {} : { body });
  const text = await response.text();
  expect({ path, status: response.status, fits: Buffer.byteLength(text) < 1_000_000 }).toEqual({
    path,
    status: 200,
    fits: true,
  });
  return JSON.parse(text) as Reply;
}

/** Follows the cursors of a list, every page below a megabyte; gives all its items. */
async function all(path: string, field: string, body?: unknown): Promise<readonly Json[]> {
  const items: Json[] = [];
  let cursor = '';
  for (;;) {
    const reply = await bounded(`${path}${cursor}`, body);
    items.push(...((reply[field] ?? []) as readonly Json[]));
    if (reply['cursor'] === undefined) return items;
    cursor = `&cursor=${reply['cursor']}`;
  }
}

describe('every reply is below a megabyte, and pages lose nothing', () => {
  test.each([
    [`/dags/wide/runs/${RUN}?limit=500`, 'tasks', TASKS],
    [`/dags/wide/runs/${RUN}/tasks?limit=500`, 'items', TASKS],
    ['/runs?limit=500', 'items', RUNS],
    ['/dags/wide/runs?limit=500', 'items', RUNS],
    ['/dags?limit=500', 'items', 301],
    ['/audit?limit=500', 'items', 600],
    ['/backfills/01JWIDE?limit=500', 'dates', DATES],
    ['/meta/wide/w/structure.json?limit=100000', 'tasks', TASKS],
    [`/dags/wide/runs/${RUN}/timeline?limit=20000`, 'rows', 20 * 200 + 80 * 2],
  ])('%s', async (path, field, count) => {
    expect(await all(path, field)).toHaveLength(count);
  });

  test.each([
    '/dags/wide',
    '/dags/wide/grid?runs=365',
    `/dags/wide/calendar?from=2026-01-01&to=2027-12-31`,
    '/timeline?from=2026-06-01&to=2026-06-07',
    '/summary?hours=168',
    '/search-index',
    '/backfills',
    `/dags/wide/runs/${RUN}/blockers`,
    `/dags/wide/runs/${RUN}/tasks/${'group_'.repeat(10)}.${'0'.padStart(19, 't')}`,
    `/dags/wide/runs/${RUN}/tasks/${'group_'.repeat(10)}.${'0'.padStart(19, 't')}/tries/1/logs?limit=1000`,
    '/openapi.json',
  ])('%s', async (path) => {
    await bounded(path);
  });

  test('changes of everything at once', async () => {
    const since = (await bounded('/changes'))['cursor'];
    const { items } = await world.store.runs.list({ dagId: 'wide', limit: 1_000 });
    for (const { id } of items)
      await world.store.runs.update({ dagId: 'wide', runId: id }, { states: ['failed'] }, { note: 'again' });
    const told = new Set<string>();
    for (let cursor = since; told.size < RUNS; ) {
      const reply = await bounded(`/changes?since=${cursor}`);
      for (const { run } of reply['runs'] as unknown as readonly { readonly run: { readonly id: string } }[])
        told.add(run.id);
      cursor = reply['cursor'];
    }
    expect(told.size).toBe(RUNS);
  });

  test('what is cut says so, and keeps to its schema', async () => {
    const reply = await bounded(`/dags/wide/runs/${RUN}`);
    expect(reply['run']).toMatchObject({ cut: true, params: {} });
    expect(
      ROUTES.find(({ id }) => id === 'getRun')
        ?.reply()
        .safeParse(reply).error,
    ).toBeUndefined();
    const grid = await bounded('/dags/wide/grid?runs=365');
    expect(
      ROUTES.find(({ id }) => id === 'getGrid')
        ?.reply()
        .safeParse(grid).error,
    ).toBeUndefined();
    expect(grid['struct']).toMatchObject({ cut: true });
  });
});
