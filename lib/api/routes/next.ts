/** What the schedule makes next, why something waits, and whether the ledger is as it should be. */
import * as z from 'zod';
import { auditLedger } from '../../orchestrator/audit.ts';
import { nextRuns } from '../../orchestrator/next.ts';
import { why } from '../../orchestrator/why.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { indexOf } from '../cursor.ts';
import { cut, cutIf, pageOf } from '../fit.ts';
import { type Api, get, type Route } from '../route.ts';
import { instant, number, paged, text } from '../schemas/inputs.ts';
import { runRow, runRowOf } from '../schemas/run.ts';
import { at, blocker, cursor, interval, list, RUN_TYPES } from '../schemas/words.ts';
import { runAt } from './runs.ts';

const getNext = get('/dags/{dagId}/next', {
  id: 'listNextRuns',
  summary: 'The next runs of its schedule, as if it were not paused.',
  query: () => ({ count: number({ min: 1, max: 1_000 }).default(10) }),
  reply: () =>
    z.strictObject({ items: list(z.strictObject({ logicalDate: at(), interval: interval(), runAt: at() })) }),
  answer: async ({ api, params: { dagId }, query: { count } }) => ({
    items: (await nextRuns(api.world, dagId, count)).map(
      ({ logicalDate, interval: of, runAt: startsAt }) => ({
        logicalDate,
        interval: of,
        runAt: startsAt,
      }),
    ),
  }),
});

const reasons = () =>
  z.strictObject({
    run: runRow().optional().meta({ description: 'Absent: there is none.' }),
    interval: interval().optional(),
    blockers: list(blocker()).meta({
      description: 'What it waits for, or why there is none. Empty: nothing holds it.',
    }),
  });

const getBlockers = get('/dags/{dagId}/runs/{runId}/blockers', {
  id: 'listBlockers',
  summary: 'What holds back a run.',
  reply: reasons,
  async answer({ api, params }) {
    await runAt(api, params);
    return reasonsOf(api, params.dagId, params.runId);
  },
});

const getWhy = get('/dags/{dagId}/why', {
  id: 'getWhy',
  summary: 'What holds back the run of a date, or why there is none.',
  query: () => ({ date: text(100, 'A day or instant of the interval, or the id of a run.') }),
  reply: reasons,
  answer: async ({ api, params: { dagId }, query: { date } }) =>
    reasonsOf(api, dagId, date ?? isoText(api.world.clock.now())),
});

async function reasonsOf(api: Api, dagId: string, dateOrRunId: string) {
  const { run, interval: of, blockers } = await why(api.world, dagId, dateOrRunId);
  return {
    run: run === undefined ? undefined : runRowOf(run),
    interval: of,
    blockers: blockers.slice(0, 100).map(({ code, text: told }) => ({ code, text: cut(told, 2_000) })),
  };
}

const getLedger = get('/dags/{dagId}/ledger', {
  id: 'auditLedger',
  summary: 'Every interval of a range with its run or why it has none, and gaps, overlaps and doubles.',
  query: () => ({ ...paged(), from: instant('First logical date.'), to: instant('Last one.') }),
  reply: () =>
    z.strictObject({
      rows: list(
        z.strictObject({
          logicalDate: at(),
          interval: interval(),
          run: z.string().optional(),
          state: z.string().optional(),
          type: z.enum(RUN_TYPES).optional(),
          attempt: z.int().optional(),
          by: z.string().optional(),
          code: z.string(),
          text: z.string(),
        }),
      ),
      problems: list(z.strictObject({ code: z.string(), logicalDate: at(), text: z.string() })),
      cursor: cursor(),
    }),
  async answer({ api, params: { dagId }, query: { from, to, limit, cursor: after } }) {
    const { rows, problems } = await auditLedger(api.world, dagId, { from, to });
    const told = rows.map(({ logicalDate, interval: of, run, code, text: reason }) => ({
      logicalDate,
      interval: of,
      run: run?.id,
      state: run?.state === 'starting' ? 'queued' : run?.state,
      type: run?.type,
      attempt: run?.attempt,
      by: cutIf(run?.by, 160),
      code,
      text: cut(reason, 600),
    }));
    const shown = pageOf('ledger', told, { from: indexOf('ledger', after), limit, bytes: 600_000 });
    return {
      rows: shown.items,
      problems: problems
        .slice(0, 200)
        .map(({ code, logicalDate, text: reason }) => ({ code, logicalDate, text: cut(reason, 600) })),
      cursor: shown.cursor,
    };
  },
});

export const NEXT_ROUTES: readonly Route[] = [getNext, getBlockers, getWhy, getLedger];
