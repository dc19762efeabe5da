/** Tasks of runs that ended, given another state. */
import * as z from 'zod';
import { type MarkedRun, markTasks } from '../../orchestrator/mark.ts';
import { indexOf } from '../cursor.ts';
import { defined } from '../defined.ts';
import { cut, KEPT_BYTES, PAGE_BYTES, pageOf } from '../fit.ts';
import { post, type Route } from '../route.ts';
import { changing, chosen, cutList, inRange, notes, problem } from '../schemas/change.ts';
import { type InputOf, lazy } from '../schemas/lazy.ts';
import { stateTold } from '../schemas/run.ts';
import { cursor, list, RUN_STATES, wasCut } from '../schemas/words.ts';

const marked = lazy(() =>
  z
    .strictObject({
      runId: z.string(),
      marked: list(z.string()),
      follows: list(z.tuple([z.string(), z.string(), z.string()]).readonly()).meta({
        description: '`[task, from, to]`: what did not run, and is decided otherwise now.',
      }),
      runsAgain: list(z.string()).meta({ description: 'What runs now, in another attempt of the run.' }),
      state: z.enum(RUN_STATES).meta({ description: 'What the run is then.' }),
      notes: notes(),
      problem: problem(),
      cut: wasCut(),
    })
    .meta({ id: 'MarkedRun' }),
);

const reply = () => z.strictObject({ runs: list(marked()), cursor: cursor() });

const body = () => ({
  tasks: chosen(),
  state: z.enum(['success', 'failed', 'skipped']),
  note: z.string().max(2_000).optional(),
});

const markRun = post('/dags/{dagId}/runs/{runId}:mark', {
  id: 'markRun',
  summary: 'Sets states of tasks of a run that ended; what is below is decided again.',
  query: changing,
  body: () => z.strictObject(body()),
  reply,
  async answer({ api, actor, params: { dagId, runId }, query: { dryRun, ...part }, body: asked }) {
    const request = defined({ ...asked, dryRun, dagId, runs: { runId } });
    return replyOf((await markTasks(api.world, actor, request)).runs, { ...part, dryRun });
  },
});

const markRange = post('/dags/{dagId}/runs:mark', {
  id: 'markRuns',
  summary: 'The same for the runs of a range of logical dates.',
  query: changing,
  body: () => z.strictObject({ ...body(), ...inRange() }),
  reply,
  async answer({ api, actor, params: { dagId }, query: { dryRun, ...part }, body: { from, to, ...asked } }) {
    const request = defined({ ...asked, dryRun, dagId, runs: { from, to } });
    return replyOf((await markTasks(api.world, actor, request)).runs, { ...part, dryRun });
  },
});

interface Part {
  readonly dryRun?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A dry run tells everything, by pages; what was done is told shortly, and is in the audit. */
function replyOf(runs: readonly MarkedRun[], { dryRun = false, limit, cursor: after }: Part) {
  const bytes = dryRun ? PAGE_BYTES : KEPT_BYTES;
  const rows = runs.map((run) => viewOf(run, bytes / 8));
  const shown = pageOf('marked', rows, { from: indexOf('marked', after), limit, bytes });
  return { runs: shown.items, cursor: shown.cursor };
}

function viewOf(
  { runId, state, notes: told, problem: why, ...run }: MarkedRun,
  bytes: number,
): InputOf<typeof marked> {
  const set = cutList(run.marked, bytes);
  const again = cutList(run.runsAgain, bytes);
  const follows = cutList(
    run.follows.map(({ task, from, to }) => [task, from, to] as const),
    bytes,
  );
  return {
    runId,
    marked: set.items,
    follows: follows.items,
    runsAgain: again.items,
    state: stateTold(state),
    notes: told.slice(0, 20).map((text) => cut(text, 400)),
    problem: why === undefined ? undefined : { code: why.code, message: cut(why.message, 600) },
    ...(set.wasCut || again.wasCut || follows.wasCut ? { cut: true as const } : {}),
  };
}

export const MARK_ROUTES: readonly Route[] = [markRun, markRange];
