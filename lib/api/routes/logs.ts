/** What tries wrote, a page at a time. */
import * as z from 'zod';
import { RefusedError } from '../../base/errors.ts';
import type { Run } from '../../model/run.ts';
import type { LoggedLine, LoggedRun, LoggedTryKey, LogLevel, LogReader } from '../../orchestrator/ports.ts';
import { defined } from '../defined.ts';
import { bytesOf, cut, PAGE_BYTES } from '../fit.ts';
import { rowsNow } from '../progress.ts';
import { type Api, get, type Route } from '../route.ts';
import { number, text } from '../schemas/inputs.ts';
import { type InputOf, lazy } from '../schemas/lazy.ts';
import { at, json, list } from '../schemas/words.ts';
import { knownTask, runAt } from './runs.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const line = lazy(() =>
  z
    .strictObject({
      n: z.int().meta({ description: 'Number of the line in its log, from 1.' }),
      at: at(),
      level: z.enum(LEVELS),
      message: z.string(),
      fields: json().optional(),
    })
    .meta({ id: 'LogLine' }),
);

const getLogs = get('/dags/{dagId}/runs/{runId}/tasks/{task}/tries/{try}/logs', {
  id: 'getLogs',
  summary: 'The log of a try: its newest lines, or those around a cursor; oldest first.',
  query: () => ({
    attempt: number({ min: 1, max: 1_000_000 })
      .optional()
      .meta({ description: 'Of the run. Default: its last.' }),
    instance: text(200, 'Which instance of the task: `3`, `2.0`.'),
    after: text(2_000, "A page's `next`: what follows it."),
    before: text(2_000, "A page's `prev`: what is before it."),
    limit: number({ min: 1, max: 1_000 }).default(200),
    level: z.enum(LEVELS).optional().meta({ description: 'This level and above.' }),
    q: text(500, 'Lines that hold this text, in capitals or not.'),
  }),
  reply: () =>
    z.strictObject({
      lines: list(line()),
      next: z.string().optional(),
      prev: z.string().optional(),
      end: z.boolean().meta({ description: 'Nothing followed the last line as it was read.' }),
    }),
  async answer({ api, params: { task, try: number, ...key }, query: { attempt, instance, ...query } }) {
    const run = await runAt(api, key);
    await knownTask(api, run, task);
    const execution = executionOf(run, attempt ?? run.attempt);
    const { logs } = api.world;
    // A place that keeps no logs, and a run that has not started, have none.
    if (logs === undefined || execution === undefined) return { lines: [], end: true };
    const of = defined({ execution, task, try: number, instance });
    const when = await timesOf(api, run, { ...of, attempt: attempt ?? run.attempt });
    return linesThatFit(logs, { ...of, run: { ...key, attempt: attempt ?? run.attempt, ...when } }, query);
  },
});

/** When a try was; where that is not known, when its run was made. */
async function timesOf(
  api: Api,
  run: Run,
  { task, instance, try: number, attempt }: Omit<LoggedTryKey, 'run'> & { readonly attempt: number },
): Promise<Pick<LoggedRun, 'startMs' | 'endMs'>> {
  const rows = await rowsNow(api, run, { task, attempt });
  const found = rows.find((row) => row.instance === instance)?.tries[number - 1];
  return defined({ startMs: found?.startMs ?? Date.parse(run.createdAt), endMs: found?.endMs });
}

interface Asked {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
  readonly level?: LogLevel | undefined;
  readonly q?: string | undefined;
}

/** Fewer lines where they are long. */
async function linesThatFit(logs: LogReader, of: LoggedTryKey, { limit, q, ...asked }: Asked) {
  const query = defined({ ...asked, text: q });
  for (let most = limit; ; most = Math.max(1, most >> 1)) {
    const page = await logs.read(of, { ...query, limit: most });
    const lines = page.lines.map(lineOf);
    if (most === 1 || bytesOf(lines) <= PAGE_BYTES)
      return { lines, next: page.next, prev: page.prev, end: page.end };
  }
}

const MOST_MESSAGE_BYTES = 20_000;

function lineOf({ n, at: instant, level, message, fields }: LoggedLine): InputOf<typeof line> {
  const isLarge = fields !== undefined && bytesOf(fields) > MOST_MESSAGE_BYTES;
  return {
    n,
    at: instant,
    level,
    message: cut(message, MOST_MESSAGE_BYTES),
    ...(fields === undefined
      ? {}
      : { fields: isLarge ? cut(JSON.stringify(fields), MOST_MESSAGE_BYTES) : fields }),
  };
}

/** The name of an attempt's execution, where it started. @throws {RefusedError} `unknown-attempt` */
function executionOf(run: Run, attempt: number): string | undefined {
  if (attempt === run.attempt) return run.execution;
  const name = run.executions?.[attempt - 1];
  if (name !== undefined) return name === '' ? undefined : name;
  throw new RefusedError(
    'unknown-attempt',
    `run "${run.id}" of "${run.dagId}" › attempt: must be from 1 to ${run.attempt}, got ${attempt}`,
  );
}

export const LOG_ROUTES: readonly Route[] = [getLogs];
