/** Tasks of runs that ended, run again. */
import * as z from 'zod';
import { type ClearedRun, clearRuns } from '../../orchestrator/clear.ts';
import { indexOf } from '../cursor.ts';
import { defined } from '../defined.ts';
import { cut, KEPT_BYTES, PAGE_BYTES, pageOf } from '../fit.ts';
import { post, type Route } from '../route.ts';
import { changing, chosen, cutList, inRange, notes, problem } from '../schemas/change.ts';
import { type InputOf, lazy } from '../schemas/lazy.ts';
import { cursor, list, wasCut } from '../schemas/words.ts';

const cleared = lazy(() =>
  z
    .strictObject({
      runId: z.string(),
      tasks: list(z.string()).meta({ description: 'What runs again, if what is above lets it.' }),
      kept: list(z.tuple([z.string(), z.string()]).readonly()).meta({
        description: '`[task, state]` of the others.',
      }),
      notes: notes(),
      problem: problem(),
      cut: wasCut(),
    })
    .meta({ id: 'ClearedRun' }),
);

const reply = () => z.strictObject({ runs: list(cleared()), cursor: cursor() });

const body = () => ({
  tasks: chosen().optional(),
  onlyFailed: z
    .boolean()
    .optional()
    .meta({ description: 'Of these, those that failed, were not reached, or were cancelled.' }),
  latest: z
    .boolean()
    .optional()
    .meta({ description: 'With the newest version; else each run with its own.' }),
  note: z.string().max(2_000).optional(),
});

const clearRun = post('/dags/{dagId}/runs/{runId}:clear', {
  id: 'clearRun',
  summary: 'Runs tasks of a run that ended again, in another attempt of it; the others keep what they gave.',
  query: changing,
  body: () => z.strictObject(body()),
  reply,
  async answer({ api, actor, params: { dagId, runId }, query: { dryRun, ...part }, body: asked }) {
    const request = defined({ ...asked, dryRun, dagId, runs: { runId } });
    return replyOf((await clearRuns(api.world, actor, request)).runs, { ...part, dryRun });
  },
});

const clearRange = post('/dags/{dagId}/runs:clear', {
  id: 'clearRuns',
  summary: 'The same for the runs of a range of logical dates.',
  query: changing,
  body: () => z.strictObject({ ...body(), ...inRange() }),
  reply,
  async answer({ api, actor, params: { dagId }, query: { dryRun, ...part }, body: { from, to, ...asked } }) {
    const request = defined({ ...asked, dryRun, dagId, runs: { from, to } });
    return replyOf((await clearRuns(api.world, actor, request)).runs, { ...part, dryRun });
  },
});

interface Part {
  readonly dryRun?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A dry run tells everything, by pages; what was done is told shortly, and is in the audit. */
function replyOf(runs: readonly ClearedRun[], { dryRun = false, limit, cursor: after }: Part) {
  const bytes = dryRun ? PAGE_BYTES : KEPT_BYTES;
  const rows = runs.map((run) => viewOf(run, dryRun ? bytes / 4 : bytes / 8));
  const shown = pageOf('cleared', rows, { from: indexOf('cleared', after), limit, bytes });
  return { runs: shown.items, cursor: shown.cursor };
}

function viewOf(
  { runId, tasks, kept, notes: told, problem: why }: ClearedRun,
  bytes: number,
): InputOf<typeof cleared> {
  const again = cutList(tasks, bytes);
  const others = cutList(
    kept.map(({ task, state }) => [task, state] as const),
    bytes,
  );
  return {
    runId,
    tasks: again.items,
    kept: others.items,
    notes: told.slice(0, 20).map((text) => cut(text, 400)),
    problem: why === undefined ? undefined : { code: why.code, message: cut(why.message, 600) },
    ...(again.wasCut || others.wasCut ? { cut: true as const } : {}),
  };
}

export const CLEAR_ROUTES: readonly Route[] = [clearRun, clearRange];
