/** The grid: runs × tasks, one character each. */
import * as z from 'zod';
import type { Run } from '../../model/run.ts';
import { charOf } from '../../model/state-chars.ts';
import { headView } from '../dag-view.ts';
import { defined } from '../defined.ts';
import { cut, pageOf } from '../fit.ts';
import { type Api, get, type Route } from '../route.ts';
import { instant, number, several, text } from '../schemas/inputs.ts';
import { type InputOf, lazy } from '../schemas/lazy.ts';
import { stateTold } from '../schemas/run.ts';
import { at, cursor, list, RUN_STATES, RUN_TYPES, wasCut } from '../schemas/words.ts';
import { lastText, secondsAt } from '../times.ts';
import type { Prepared } from '../versions.ts';
import { ledgerStates } from './runs.ts';

export const gridRun = lazy(() =>
  z
    .strictObject({
      id: z.string(),
      key: at().meta({ description: 'Its logical date.' }),
      type: z.enum(RUN_TYPES),
      st: z.string().meta({ description: 'Its state, one character.' }),
      q: z.int().nullable().meta({ description: 'Queued, started, ended: seconds since the epoch.' }),
      s: z.int().nullable(),
      e: z.int().nullable(),
      n: z.int().meta({ description: 'Number of its attempt.' }),
      sv: z
        .string()
        .optional()
        .meta({ description: 'Its version, where it is another one than `struct.v`.' }),
      note: z.string().optional(),
      c: z.string().meta({ description: 'States of `struct.tasks`; `-`: none, or not in its version.' }),
    })
    .meta({ id: 'GridRun' }),
);

const struct = lazy(() =>
  z
    .strictObject({
      v: z.string().meta({ description: 'The version whose tasks are told: the current one.' }),
      tasks: list(z.tuple([z.string(), z.string(), z.int(), z.string(), z.string()]).readonly()).meta({
        description:
          '`[id, label, depth, kind, flags]`; flags: `m` mapped, `i` in a module, `p` in a pool, `t` teardown.',
      }),
      groups: list(z.tuple([z.string(), list(z.int())]).readonly()).meta({
        description: '`[id, places of its tasks]`, outer before inner.',
      }),
      cut: wasCut(),
    })
    .meta({ id: 'GridStruct' }),
);

const getGrid = get('/dags/{dagId}/grid', {
  id: 'getGrid',
  summary: 'The newest runs of a DAG, their tasks told in the order of the current version.',
  query: () => ({
    runs: number({ min: 1, max: 365 })
      .default(60)
      .meta({ description: 'Fewer come where a DAG has very many tasks.' }),
    before: text(2_000, '`cursor` of the reply before: older runs.'),
    until: instant('Logical dates up to this.').optional(),
    type: several(RUN_TYPES, 'Any of these types.'),
    state: several(RUN_STATES, 'Any of these states.'),
    have: text(100, 'The version whose `struct` the client has: it is left out.'),
  }),
  reply: () =>
    z.strictObject({
      struct: struct().optional(),
      runs: list(gridRun()),
      next: at().optional(),
      cursor: cursor(),
    }),
  memo: true,
  async answer({ api, params: { dagId }, query }) {
    const head = await api.versions.head(dagId);
    const current = (await api.versions.current(head)) ?? (await api.versions.get(dagId, head.version));
    const { before, until, type, state } = query;
    const { items, cursor: older } = await api.world.store.runs.list(
      defined({
        dagId,
        limit: Math.min(query.runs, Math.max(1, Math.floor(500_000 / (current.rows.length + 300)))),
        cursor: before,
        to: until === undefined ? undefined : lastText(until),
        types: type,
        states: state?.flatMap(ledgerStates),
      }),
    );
    return {
      struct: query.have === current.manifest.hash ? undefined : structOf(current),
      runs: await gridRuns(api, items, current),
      next: headView(head, current, api.world.clock.now()).next,
      cursor: older,
    };
  },
});

/** Rows that are too many for one reply are left out, last ones first: `/meta/…/structure.json` has them by pages. */
function structOf({ manifest, rows, indexOf }: Prepared): InputOf<typeof struct> {
  const tasks = pageOf('struct', rows, { from: 0, limit: rows.length, bytes: 300_000 });
  const groups = pageOf(
    'struct',
    manifest.groups.map(
      ({ id, tasks: ids }) => [id, ids.flatMap((task) => indexOf.get(task) ?? [])] as const,
    ),
    { from: 0, limit: manifest.groups.length, bytes: 100_000 },
  );
  const wasCutShort = tasks.cursor !== undefined || groups.cursor !== undefined;
  return {
    v: manifest.hash,
    tasks: tasks.items,
    groups: groups.items,
    ...(wasCutShort ? { cut: true as const } : {}),
  };
}

/** Runs of one DAG, their cells in the order of `current`. */
export async function gridRuns(
  api: Api,
  runs: readonly Run[],
  current: Prepared,
): Promise<readonly InputOf<typeof gridRun>[]> {
  const hashes = [...new Set(runs.map(({ version }) => version))];
  const found = await Promise.all(
    hashes.map(async (hash) => [hash, await api.versions.find(current.dag.id, hash)] as const),
  );
  const versions = new Map(found);
  return runs.map((run) => ({
    id: run.id,
    key: run.logicalDate,
    type: run.type,
    st: charOf(stateTold(run.state)),
    q: secondsAt(run.queuedAt),
    s: secondsAt(run.startedAt),
    e: secondsAt(run.endedAt),
    n: run.attempt,
    sv: run.version === current.manifest.hash ? undefined : run.version,
    note: run.note === undefined ? undefined : cut(run.note, 100),
    c: api.versions.remapped(run.cells, versions.get(run.version), current),
  }));
}

export const GRID_ROUTES: readonly Route[] = [getGrid];
