/**
 * The ledger's records as they are kept, whole: what the command line shows of another environment is what it would show of
 * this one. Views for pages are cut and counted instead (`run.ts`, `dag.ts`).
 */
import * as z from 'zod';
import type { TaskRunState } from '../../history/task-run.ts';
import { CELL_STATES, type CellState } from '../../model/state-chars.ts';
import { backfillDateFields, backfillFields } from './backfill.ts';
import { lazy } from './lazy.ts';
import { at, interval, jsonObject, list, RUN_TYPES } from './words.ts';

/** `starting`: admitted, and its execution is being started. */
export const LEDGER_STATES = ['queued', 'starting', 'running', 'success', 'failed', 'cancelled'] as const;

const isTaskState = (state: CellState): state is TaskRunState => state !== 'removed';
const taskState = () => z.enum(CELL_STATES.filter(isTaskState));
const cellState = () => z.enum(CELL_STATES.filter(isTaskState));
const lane = () => z.templateLiteral(['BF#', z.string()]).or(z.literal('main'));

const failedTask = () =>
  z.strictObject({
    task: z.string(),
    instance: z.string().optional(),
    try: z.int(),
    error: z.string(),
    cause: z.string().optional(),
  });

export const runRecord = lazy(() =>
  z
    .strictObject({
      dagId: z.string(),
      id: z.string(),
      type: z.enum(RUN_TYPES),
      state: z.enum(LEDGER_STATES),
      lane: lane(),
      logicalDate: at(),
      interval: interval(),
      attempt: z.int(),
      version: z.string(),
      params: jsonObject(),
      by: z.string(),
      note: z.string().optional(),
      createdAt: at(),
      queuedAt: at(),
      notBefore: at().optional(),
      ignoresPast: z.literal(true).optional(),
      startedAt: at().optional(),
      endedAt: at().optional(),
      again: list(z.string()).optional(),
      execution: z.string().optional(),
      executions: list(z.string()).optional(),
      cells: z.string(),
      marked: z.record(z.string(), cellState()).optional(),
      backfill: z.string().optional(),
      error: z.string().optional(),
      cause: z.string().optional(),
      failed: list(failedTask()).optional(),
      transitions: z.int().optional(),
      rev: z.int(),
    })
    .meta({ id: 'RunRecord', description: 'A run as the ledger keeps it.' }),
);

const tryRecord = () =>
  z.strictObject({
    startMs: z.number(),
    endMs: z.number().optional(),
    state: z.enum(['running', 'success', 'failed', 'skipped', 'cancelled']),
    error: z.string().optional(),
    cause: z.string().optional(),
  });

export const taskRunRecord = lazy(() =>
  z
    .strictObject({
      attempt: z.int(),
      task: z.string(),
      instance: z.string().optional(),
      mapIndex: z.int().optional(),
      label: z.string().optional(),
      state: taskState(),
      startMs: z.number().optional().meta({ description: 'Milliseconds since the epoch.' }),
      endMs: z.number().optional(),
      tries: list(tryRecord()),
      items: z.int().optional(),
      markedBy: z.string().optional(),
    })
    .meta({ id: 'TaskRunRecord', description: 'A task run of one attempt, with its tries.' }),
);

export const headRecord = lazy(() =>
  z
    .strictObject({
      dagId: z.string(),
      version: z.string(),
      definition: z.string().optional(),
      description: z.string().optional(),
      owner: z.string().optional(),
      tags: list(z.string()),
      schedule: z.string(),
      paused: z.boolean(),
      pausedBy: z.string().optional(),
      unpausedAt: at().optional(),
      registeredAt: at(),
      retiredAt: at().optional(),
      stack: z.string().optional(),
      pinnedFrom: z.string().optional(),
      watermark: z.strictObject({ basis: z.string(), through: at() }).optional(),
      prunedThrough: at().optional(),
      rev: z.int(),
    })
    .meta({ id: 'DagRecord', description: 'A DAG as the ledger keeps it.' }),
);

export const backfillRecord = lazy(() =>
  z
    .strictObject({
      ...backfillFields(),
      params: jsonObject(),
      tasks: list(z.string()).optional(),
      rev: z.int(),
    })
    .meta({ id: 'BackfillRecord', description: 'A backfill as the ledger keeps it.' }),
);

export const backfillDateRecord = lazy(() =>
  z
    .strictObject({
      ...backfillDateFields(),
      interval: interval(),
    })
    .meta({ id: 'BackfillDateRecord' }),
);
