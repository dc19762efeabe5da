/** DAGs as replies tell them. */
import * as z from 'zod';
import { lazy } from './lazy.ts';
import { at, list } from './words.ts';

const lastRun = lazy(() =>
  z
    .strictObject({
      id: z.string(),
      state: z.string(),
      logicalDate: at(),
      startedAt: at().optional(),
      endedAt: at().optional(),
    })
    .meta({ id: 'LastRun' }),
);

const shared = () => ({
  id: z.string(),
  description: z.string().optional(),
  owner: z.string().optional(),
  tags: list(z.string()),
  schedule: z.string().meta({ description: 'In words.' }),
  version: z.string(),
  paused: z.boolean(),
  pausedBy: z.string().optional(),
  registeredAt: at(),
  retiredAt: at().optional().meta({ description: 'Since when the project has it no more.' }),
  next: at().optional().meta({ description: 'When its next scheduled run may start.' }),
  late: z.int().meta({ description: 'How many of its runs are over their deadline.' }),
});

export const dagRow = lazy(() =>
  z
    .strictObject({
      ...shared(),
      runs: z.string().meta({ description: 'States of its last runs, one character each, oldest first.' }),
      dur: list(z.int().nullable()).meta({ description: 'Seconds they took, or are taking.' }),
      p50: z.int().nullable().meta({ description: 'Median seconds of those that succeeded.' }),
      last: lastRun().optional(),
    })
    .meta({ id: 'DagRow' }),
);

export const dag = lazy(() =>
  z
    .strictObject({
      ...shared(),
      doc: z.string().optional(),
      start: z.string().optional(),
      end: z.string().optional(),
      catchup: z.boolean(),
      maxActiveRuns: z.int(),
      tasks: z.int(),
      open: z.int().meta({ description: 'Runs that are queued or running.' }),
      last: lastRun().optional(),
    })
    .meta({ id: 'Dag' }),
);
