/** Runs as replies tell them. */
import * as z from 'zod';
import type { FailedTask, LedgerState, Run } from '../../model/run.ts';
import { bytesOf, cut, cutIf, pageOf } from '../fit.ts';
import { type InputOf, lazy } from './lazy.ts';
import { at, interval, jsonObject, list, RUN_STATES, RUN_TYPES, wasCut } from './words.ts';

const failedTask = lazy(() =>
  z
    .strictObject({
      task: z.string(),
      instance: z.string().optional(),
      try: z.int(),
      error: z.string(),
      cause: z.string().optional(),
    })
    .meta({ id: 'FailedTask' }),
);

const shared = () => ({
  dagId: z.string(),
  id: z.string(),
  type: z.enum(RUN_TYPES),
  state: z.enum(RUN_STATES),
  lane: z
    .string()
    .meta({ description: '`main`, or `BF#` and the id of a backfill: runs that share a limit.' }),
  logicalDate: at(),
  interval: interval(),
  attempt: z.int().meta({ description: 'Number of its execution, from 1.' }),
  version: z.string(),
  by: z.string(),
  note: z.string().optional(),
  createdAt: at(),
  queuedAt: at(),
  notBefore: at().optional(),
  startedAt: at().optional(),
  endedAt: at().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  failed: list(failedTask()).optional(),
});

export const runRow = lazy(() =>
  z.strictObject(shared()).meta({ id: 'RunRow', description: 'One run of a list; long texts are cut.' }),
);

export const run = lazy(() =>
  z
    .strictObject({
      ...shared(),
      params: jsonObject(),
      again: list(z.string())
        .optional()
        .meta({ description: 'What this attempt runs again. Absent: everything.' }),
      execution: z.string().optional(),
      cells: z
        .string()
        .meta({ description: "One character for each task, in the order of the version's manifest." }),
      transitions: z.int().optional(),
      rev: z.int(),
      cut: wasCut(),
    })
    .meta({ id: 'Run' }),
);

/** `starting` is told as `queued`. */
export function stateTold(state: LedgerState): (typeof RUN_STATES)[number] {
  return state === 'starting' ? 'queued' : state;
}

/** How long the texts of a view may be, in bytes, and how many failed tasks it names. */
interface Lengths {
  readonly text: number;
  readonly cause: number;
  readonly failed: number;
}

export function runRowOf(of: Run): InputOf<typeof runRow> {
  return sharedOf(of, { text: 160, cause: 240, failed: 2 });
}

/** Most bytes of what of a run has no bound. */
const PART_BYTES = 270_000;
const PART = { from: 0, bytes: 200_000 };

export function runOf(of: Run): InputOf<typeof run> {
  const { params, execution, cells, transitions, rev } = of;
  const hasLargeParams = bytesOf(params) > PART_BYTES;
  const again =
    of.again === undefined ? undefined : pageOf('again', of.again, { ...PART, limit: of.again.length });
  const wasCutShort = hasLargeParams || again?.cursor !== undefined;
  return {
    ...sharedOf(of, { text: 2_000, cause: 8_000, failed: 10 }),
    params: hasLargeParams ? {} : params,
    ...(again === undefined ? {} : { again: again.items }),
    ...(execution === undefined ? {} : { execution }),
    cells,
    ...(transitions === undefined ? {} : { transitions }),
    rev,
    ...(wasCutShort ? { cut: true as const } : {}),
  };
}

function sharedOf(of: Run, { text, cause, failed }: Lengths): InputOf<typeof runRow> {
  return {
    dagId: of.dagId,
    id: of.id,
    type: of.type,
    state: stateTold(of.state),
    lane: of.lane,
    logicalDate: of.logicalDate,
    interval: of.interval,
    attempt: of.attempt,
    version: of.version,
    by: cut(of.by, text),
    note: cutIf(of.note, text),
    createdAt: of.createdAt,
    queuedAt: of.queuedAt,
    notBefore: of.notBefore,
    startedAt: of.startedAt,
    endedAt: of.endedAt,
    error: cutIf(of.error, text),
    cause: cutIf(of.cause, cause),
    failed: of.failed?.slice(0, failed).map((each) => failedOf(each, text, cause)),
  };
}

function failedOf(of: FailedTask, text: number, cause: number): InputOf<typeof failedTask> {
  return {
    task: of.task,
    instance: of.instance,
    try: of.try,
    error: cut(of.error, text),
    cause: cutIf(of.cause, cause),
  };
}
