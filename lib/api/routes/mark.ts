/** Tasks of runs that ended, given another state. */
import * as z from 'zod';
import { type MarkedRun, markTasks } from '../../orchestrator/mark.ts';
import { defined } from '../defined.ts';
import { post, type Route } from '../route.ts';
import {
  changedRuns,
  changing,
  chosen,
  cutList,
  inRange,
  type Room,
  telling,
  told,
} from '../schemas/change.ts';
import { type InputOf, lazy } from '../schemas/lazy.ts';
import { stateTold } from '../schemas/run.ts';
import { cursor, list, RUN_STATES } from '../schemas/words.ts';

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
      ...telling(),
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
    const { runs } = await markTasks(api.world, actor, request);
    return changedRuns('marked', runs, { ...part, dryRun }, viewOf);
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
    const { runs } = await markTasks(api.world, actor, request);
    return changedRuns('marked', runs, { ...part, dryRun }, viewOf);
  },
});

function viewOf(
  { runId, state, notes: noted, problem: why, ...run }: MarkedRun,
  room: Room,
): InputOf<typeof marked> {
  const bytes = room.bytes / 8;
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
    ...told({ notes: noted, problem: why }),
    ...(set.wasCut || again.wasCut || follows.wasCut ? { cut: true as const } : {}),
  };
}

export const MARK_ROUTES: readonly Route[] = [markRun, markRange];
