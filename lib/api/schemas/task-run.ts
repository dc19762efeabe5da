/** Task runs and their tries as replies tell them. */
import * as z from 'zod';
import { CELL_STATES } from '../../model/state-chars.ts';
import { isoText } from '../../schedule/run-interval.ts';
import type { TaskRunRow, TryRow } from '../../store/store.ts';
import { cutIf } from '../fit.ts';
import { type InputOf, lazy } from './lazy.ts';
import { at, list } from './words.ts';

const shared = () => ({
  task: z.string(),
  attempt: z.int().meta({ description: "Number of the run's execution." }),
  instance: z.string().optional().meta({ description: 'Counters of the modules around it: `3`, `2.0`.' }),
  mapIndex: z.int().optional(),
  label: z.string().optional(),
  state: z.enum(CELL_STATES),
  startedAt: at().optional(),
  endedAt: at().optional(),
  items: z.int().optional().meta({ description: 'Of a mapped task as a whole: how many instances.' }),
  markedBy: z.string().optional(),
});

export const taskRow = lazy(() =>
  z
    .strictObject({
      ...shared(),
      tries: z.int(),
      error: z.string().optional(),
      cause: z.string().optional(),
    })
    .meta({ id: 'TaskRunRow', description: 'A task run of a list; its error is that of its last try, cut.' }),
);

const oneTry = lazy(() =>
  z
    .strictObject({
      try: z.int().meta({ description: 'From 1.' }),
      state: z.enum(['running', 'success', 'failed', 'skipped', 'cancelled']),
      startedAt: at(),
      endedAt: at().optional(),
      error: z.string().optional(),
      cause: z.string().optional(),
    })
    .meta({ id: 'Try' }),
);

export const taskRun = lazy(() =>
  z.strictObject({ ...shared(), tries: list(oneTry()) }).meta({ id: 'TaskRun' }),
);

export function taskRowOf(row: TaskRunRow): InputOf<typeof taskRow> {
  const last = row.tries.at(-1);
  return {
    ...sharedOf(row),
    tries: row.tries.length,
    error: cutIf(last?.error, 200),
    cause: cutIf(last?.cause, 400),
  };
}

/** Of very many tries the last ones, so that it fits. */
export function taskRunOf(row: TaskRunRow): InputOf<typeof taskRun> {
  const first = Math.max(0, row.tries.length - 100);
  return {
    ...sharedOf(row),
    tries: row.tries.slice(first).map((each, index) => tryOf(each, first + index + 1)),
  };
}

function sharedOf({ task, attempt, instance, mapIndex, label, state, ...row }: TaskRunRow) {
  return {
    task,
    attempt,
    instance,
    mapIndex,
    label: cutIf(label, 300),
    state,
    startedAt: textOf(row.startMs),
    endedAt: textOf(row.endMs),
    items: row.items,
    markedBy: row.markedBy,
  };
}

function tryOf({ startMs, endMs, state, error, cause }: TryRow, number: number): InputOf<typeof oneTry> {
  return {
    try: number,
    state,
    startedAt: isoText(startMs),
    endedAt: textOf(endMs),
    error: cutIf(error, 500),
    cause: cutIf(cause, 6_000),
  };
}

function textOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : isoText(ms);
}
