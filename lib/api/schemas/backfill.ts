/** Backfills as replies tell them. */
import * as z from 'zod';
import type { Backfill, BackfillDate } from '../../store/store.ts';
import { bytesOf, cut, cutIf, pageOf } from '../fit.ts';
import { type InputOf, lazy } from './lazy.ts';
import { at, jsonObject, list, wasCut } from './words.ts';

/** Of a backfill, wherever it is told. */
export const backfillFields = () => ({
  id: z.string(),
  dagId: z.string(),
  from: at(),
  to: at(),
  reprocess: z.enum(['none', 'failed', 'completed']),
  order: z.enum(['oldest', 'newest']),
  maxActiveRuns: z.int(),
  asOne: z.boolean(),
  state: z.enum(['running', 'paused', 'success', 'failed', 'cancelled']),
  by: z.string(),
  note: z.string().optional(),
  createdAt: at(),
  endedAt: at().optional(),
});

export const backfillRow = lazy(() => z.strictObject(backfillFields()).meta({ id: 'BackfillRow' }));

export const backfill = lazy(() =>
  z
    .strictObject({
      ...backfillFields(),
      params: jsonObject(),
      tasks: list(z.string()).optional(),
      rev: z.int(),
      cut: wasCut(),
    })
    .meta({ id: 'Backfill' }),
);

/** Of a date of a backfill, wherever it is told. */
export const backfillDateFields = () => ({
  logicalDate: at(),
  action: z.enum(['create', 'rerun', 'skip']),
  reason: z.string().optional(),
  state: z.enum(['pending', 'queued', 'success', 'failed', 'cancelled', 'skipped']),
  runId: z.string().optional(),
  attempt: z.int().optional(),
  position: z.int(),
});

export const backfillDate = lazy(() => z.strictObject(backfillDateFields()).meta({ id: 'BackfillDate' }));

export function backfillRowOf(of: Backfill): InputOf<typeof backfillRow> {
  const { id, dagId, from, to, reprocess, order, maxActiveRuns, asOne, state, createdAt, endedAt } = of;
  const texts = { by: cut(of.by, 160), note: cutIf(of.note, 400) };
  return { id, dagId, from, to, reprocess, order, maxActiveRuns, asOne, state, ...texts, createdAt, endedAt };
}

/** @param bytes most of what has no bound: params, tasks */
export function backfillOf(of: Backfill, bytes: number): InputOf<typeof backfill> {
  const { params, rev } = of;
  const tasks =
    of.tasks === undefined
      ? undefined
      : pageOf('tasks', of.tasks, { from: 0, limit: of.tasks.length, bytes });
  const hasLargeParams = bytesOf(params) > bytes;
  const wasCutShort = hasLargeParams || tasks?.cursor !== undefined;
  return {
    ...backfillRowOf(of),
    params: hasLargeParams ? {} : params,
    tasks: tasks?.items,
    rev,
    ...(wasCutShort ? { cut: true as const } : {}),
  };
}

export function dateOf(date: BackfillDate): InputOf<typeof backfillDate> {
  const { logicalDate, action, reason, state, runId, attempt, position } = date;
  return { logicalDate, action, reason: cutIf(reason, 300), state, runId, attempt, position };
}
