/** Ranges of dates that are run: planned, made, looked at, paused, ended. */
import * as z from 'zod';
import {
  backfillOf as backfillById,
  backfillProgress,
  cancelBackfill,
  pauseBackfill,
  resumeBackfill,
  retryFailedDates,
} from '../../orchestrator/backfill/change.ts';
import { createBackfill } from '../../orchestrator/backfill/create.ts';
import { heldDates } from '../../orchestrator/backfill/held-dates.ts';
import type { BackfillPreview } from '../../orchestrator/backfill/preview.ts';
import type { Actor, World } from '../../orchestrator/ports.ts';
import type { Backfill } from '../../store/store.ts';
import { indexOf } from '../cursor.ts';
import { defined } from '../defined.ts';
import { cut, KEPT_BYTES, PAGE_BYTES, pageOf } from '../fit.ts';
import { get, post, type Route } from '../route.ts';
import {
  backfill,
  backfillDate,
  backfillOf,
  backfillRow,
  backfillRowOf,
  dateOf,
} from '../schemas/backfill.ts';
import { flag, instant, number, paged, several, text } from '../schemas/inputs.ts';
import { lazy } from '../schemas/lazy.ts';
import { runRecord } from '../schemas/records.ts';
import { at, cursor, interval, jsonObject, list, page } from '../schemas/words.ts';

const STATES = ['pending', 'queued', 'success', 'failed', 'cancelled', 'skipped'] as const;
const counts = () => z.strictObject(Object.fromEntries(STATES.map((state) => [state, z.int()])));

const listBackfills = get('/backfills', {
  id: 'listBackfills',
  summary: 'Backfills, newest first.',
  query: () => ({
    ...paged(),
    dag: text(200, 'Of this DAG.'),
    active: flag('Only those that run or are paused.'),
  }),
  reply: () => page(backfillRow()),
  async answer({ api, query: { dag, active, limit, cursor: after } }) {
    const found = await api.world.store.backfills.list(defined({ dagId: dag, active, limit, cursor: after }));
    return { items: found.items.map(backfillRowOf), cursor: found.cursor };
  },
});

const getBackfill = get('/backfills/{backfillId}', {
  id: 'getBackfill',
  summary: 'One backfill, how far it is, and its dates in the order in which they run.',
  query: () => ({ ...paged(), state: several(STATES, 'Only dates of these states.') }),
  reply: () =>
    z.strictObject({ backfill: backfill(), counts: counts(), dates: list(backfillDate()), cursor: cursor() }),
  async answer({ api, params: { backfillId }, query }) {
    const { backfill: found, counts: all } = await backfillProgress(api.world, backfillId);
    const dates = await api.world.store.backfills.dates(found.dagId, backfillId, query.state);
    const from = indexOf('dates', query.cursor);
    const shown = pageOf('dates', dates.map(dateOf), { from, limit: query.limit, bytes: 300_000 });
    return {
      backfill: backfillOf(found, 270_000),
      counts: { ...all },
      dates: shown.items,
      cursor: shown.cursor,
    };
  },
});

const getHeld = get('/backfills/{backfillId}/held', {
  id: 'listHeldDates',
  summary: 'What the dates of a backfill wait for while none of them goes on, and whether any ever can.',
  reply: () =>
    z.strictObject({
      held: list(
        z.strictObject({
          logicalDate: at(),
          runId: z.string().optional(),
          code: z.string(),
          text: z.string(),
        }),
      ),
      stuckBehind: list(runRecord()).meta({
        description: 'Runs that ended otherwise than what is left needs. Empty: something may go on.',
      }),
      command: z.string().optional().meta({ description: 'Runs the first of them again.' }),
    }),
  async answer({ api, params: { backfillId } }) {
    const found = await backfillById(api.world, backfillId);
    const { held, stuckBehind, command } = await heldDates(api.world, found);
    return {
      held: held.slice(0, 1_000).map(({ text: told, ...of }) => ({ ...of, text: cut(told, 400) })),
      stuckBehind: stuckBehind.slice(0, 20),
      command,
    };
  },
});

const body = () =>
  z.strictObject({
    dagId: z.string().min(1).max(200),
    from: instant('Logical date of the first interval.'),
    to: instant('Logical date of the last one.'),
    reprocess: z
      .enum(['none', 'failed', 'completed'])
      .optional()
      .meta({ description: 'What becomes of dates that have a run.' }),
    order: z.enum(['oldest', 'newest']).optional(),
    maxActiveRuns: z.int().min(1).max(1_000).optional(),
    params: jsonObject().optional(),
    tasks: z.array(z.string().min(1).max(300)).min(1).max(10_000).readonly().optional(),
    asOne: z.boolean().optional().meta({ description: 'One run for the whole range.' }),
    note: z.string().max(2_000).optional(),
    confirmed: z.boolean().optional().meta({ description: 'More than 1,000 dates are meant.' }),
  });

const plannedDate = lazy(() =>
  z
    .strictObject({
      logicalDate: at(),
      interval: interval(),
      action: z.enum(['create', 'rerun', 'skip']),
      reason: z.string().optional(),
    })
    .meta({ id: 'PlannedDate' }),
);

const created = () =>
  z.strictObject({
    backfill: backfill()
      .optional()
      .meta({ description: 'Absent of a dry run, and where no date would run.' }),
    intervals: list(z.tuple([at(), z.string(), z.string()]).readonly()).meta({
      description: '`[logical date, action, reason]`: `create`, `rerun` or `skip`.',
    }),
    counts: z.strictObject({ create: z.int(), rerun: z.int(), skip: z.int() }),
    estimate: z
      .strictObject({
        transitions: z.number(),
        dollars: z.number(),
        seconds: z.number().optional(),
        by: z.string(),
      })
      .optional(),
    dates: list(plannedDate())
      .optional()
      .meta({ description: 'Where records are asked for, in place of `intervals`.' }),
    cursor: cursor().meta({
      description: 'More intervals: of a dry run by asking again with it, else at the backfill.',
    }),
  });

const create = post('/backfills', {
  id: 'createBackfill',
  summary: 'Runs a range of dates in a lane of its own; a dry run lists each date with what becomes of it.',
  query: () => ({
    dryRun: flag('Only lists what would be done.'),
    limit: number({ min: 1, max: 20_000 })
      .default(10_000)
      .meta({ description: 'Most intervals of a reply.' }),
    cursor: text(2_000, 'Of the dry run before.'),
    records: flag('Tells dates as they would be kept.'),
  }),
  body,
  reply: created,
  async answer({ api, actor, query: { dryRun, records, limit, cursor: after }, body: asked }) {
    const from = indexOf('preview', after);
    const isDry = dryRun === true;
    const { backfill: made, preview } = await createBackfill(api.world, actor, {
      ...defined(asked),
      dryRun: isDry,
    });
    if (made !== undefined) await api.options.onBackfill?.(made);
    const bytes = isDry ? PAGE_BYTES : KEPT_BYTES;
    const part = { from, limit, bytes };
    return {
      backfill: made === undefined ? undefined : backfillOf(made, KEPT_BYTES),
      ...(records === true ? recordsOf(preview, part) : previewOf(preview, part)),
    };
  },
});

interface Part {
  readonly from: number;
  readonly limit: number;
  readonly bytes: number;
}

function recordsOf({ dates, counts: all, estimate }: BackfillPreview, part: Part) {
  const shown = pageOf('preview', dates, part);
  return {
    intervals: [],
    dates: shown.items,
    counts: { ...all },
    ...(estimate === undefined ? {} : { estimate }),
    cursor: shown.cursor,
  };
}

export function previewOf({ dates, counts: all, estimate }: BackfillPreview, part: Part) {
  const rows = dates.map(({ logicalDate, action, reason }) => [logicalDate, action, reason ?? ''] as const);
  const shown = pageOf('preview', rows, part);
  return {
    intervals: shown.items,
    counts: { ...all },
    ...(estimate === undefined ? {} : { estimate }),
    cursor: shown.cursor,
  };
}

interface Action {
  readonly name: string;
  readonly id: string;
  readonly summary: string;
  readonly act: (world: World, actor: Actor, id: string) => Promise<Backfill>;
}

const ACTIONS: readonly Action[] = [
  {
    name: 'pause',
    id: 'pauseBackfill',
    summary: 'Starts no further runs; those that run go on.',
    act: pauseBackfill,
  },
  { name: 'resume', id: 'resumeBackfill', summary: 'Goes on where it was paused.', act: resumeBackfill },
  {
    name: 'retry-failed',
    id: 'retryFailedDates',
    summary: 'Runs again every date whose run failed or was cancelled.',
    act: retryFailedDates,
  },
];

const actions = ACTIONS.map(({ name, id, summary, act }) =>
  post(`/backfills/{backfillId}:${name}` as '/backfills/{backfillId}', {
    id,
    summary,
    body: () => z.strictObject({}),
    reply: backfillRow,
    async answer({ api, actor, params: { backfillId } }) {
      const changed = await act(api.world, actor, backfillId);
      if (changed.state === 'running') await api.options.onBackfill?.(changed);
      return backfillRowOf(changed);
    },
  }),
);

const cancel = post('/backfills/{backfillId}:cancel', {
  id: 'cancelBackfill',
  summary: 'Ends it: what waits is cancelled; what runs goes on, unless it is to be stopped, too.',
  query: () => ({ dryRun: flag('Only says how far it is.') }),
  body: () => z.strictObject({ stopRunning: z.boolean().optional() }),
  reply: backfillRow,
  async answer({ api, actor, params: { backfillId }, query: { dryRun }, body: { stopRunning } }) {
    if (dryRun === true) return backfillRowOf(await backfillById(api.world, backfillId));
    return backfillRowOf(await cancelBackfill(api.world, actor, backfillId, defined({ stopRunning })));
  },
});

export const BACKFILL_ROUTES: readonly Route[] = [
  listBackfills,
  getBackfill,
  getHeld,
  create,
  ...actions,
  cancel,
];
