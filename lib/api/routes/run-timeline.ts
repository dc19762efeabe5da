/** When the tries of a run ran: a Gantt chart. */
import * as z from 'zod';
import { charOf } from '../../model/state-chars.ts';
import { indexOf } from '../cursor.ts';
import { pageOf } from '../fit.ts';
import { rowsNow } from '../progress.ts';
import { type Api, get, type Route } from '../route.ts';
import { number, text } from '../schemas/inputs.ts';
import { cursor, list } from '../schemas/words.ts';
import { runAt } from './runs.ts';

const getTimeline = get('/dags/{dagId}/runs/{runId}/timeline', {
  id: 'getRunTimeline',
  summary: 'When each try of each task of a run ran, oldest attempt first.',
  query: () => ({
    attempt: number({ min: 1, max: 1_000_000 })
      .optional()
      .meta({ description: 'Only this one. Default: the last.' }),
    limit: number({ min: 1, max: 20_000 }).default(10_000),
    cursor: text(2_000, 'Of the reply before.'),
  }),
  reply: () =>
    z.strictObject({
      t0: z.int().nullable().meta({ description: 'When the run was queued: milliseconds since the epoch.' }),
      t1: z.int().nullable().meta({ description: 'When it ended; null: not yet.' }),
      attempt: z.int(),
      tasks: list(z.string()).meta({ description: 'What `taskIdx` counts.' }),
      rows: list(
        z
          .tuple([
            z.int(),
            z.int(),
            z.int().nullable(),
            z.int(),
            z.int().nullable(),
            z.string(),
            z.string().nullable(),
          ])
          .readonly(),
      ).meta({
        description:
          '`[taskIdx, try, queued, start, end, state, instance]`; times in ms since the epoch, `queued` null: not known.',
      }),
      cursor: cursor(),
    }),
  answer: async ({ api, params, query }) => timelineOf(api, params, query),
});

async function timelineOf(
  api: Api,
  key: { readonly dagId: string; readonly runId: string },
  query: {
    readonly attempt?: number | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
) {
  const run = await runAt(api, key);
  const attempt = query.attempt ?? run.attempt;
  const rows = await rowsNow(api, run, { attempt });
  const tasks = [...new Set(rows.map(({ task }) => task))];
  const places = new Map(tasks.map((task, index) => [task, index]));
  const all = rows.flatMap(({ task, tries, instance }) =>
    tries.map(
      (each, index) =>
        [
          places.get(task) ?? -1,
          index + 1,
          tries[index - 1]?.endMs ?? null,
          each.startMs,
          each.endMs ?? null,
          TRY_CHARS[each.state],
          instance ?? null,
        ] as const,
    ),
  );
  const shown = pageOf('timeline', all, {
    from: indexOf('timeline', query.cursor),
    limit: query.limit,
    bytes: 400_000,
  });
  return {
    t0: Date.parse(run.queuedAt),
    t1: run.endedAt === undefined ? null : Date.parse(run.endedAt),
    attempt,
    tasks: pageOf('names', tasks, { from: 0, limit: tasks.length, bytes: 500_000 }).items,
    rows: shown.items,
    cursor: shown.cursor,
  };
}

const TRY_CHARS = {
  running: charOf('running'),
  success: charOf('success'),
  failed: charOf('failed'),
  skipped: charOf('skipped'),
  cancelled: charOf('cancelled'),
} as const;

export const RUN_TIMELINE_ROUTES: readonly Route[] = [getTimeline];
