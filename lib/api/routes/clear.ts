/** Tasks of runs that ended, run again. */
import * as z from 'zod';
import { type ClearedRun, clearRuns } from '../../orchestrator/clear.ts';
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
import { cursor, list } from '../schemas/words.ts';

const cleared = lazy(() =>
  z
    .strictObject({
      runId: z.string(),
      tasks: list(z.string()).meta({ description: 'What runs again, if what is above lets it.' }),
      kept: list(z.tuple([z.string(), z.string()]).readonly()).meta({
        description: '`[task, state]` of the others.',
      }),
      ...telling(),
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
    const { runs } = await clearRuns(api.world, actor, request);
    return changedRuns('cleared', runs, { ...part, dryRun }, viewOf);
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
    const { runs } = await clearRuns(api.world, actor, request);
    return changedRuns('cleared', runs, { ...part, dryRun }, viewOf);
  },
});

function viewOf(
  { runId, tasks, kept, notes: noted, problem: why }: ClearedRun,
  room: Room,
): InputOf<typeof cleared> {
  const bytes = room.bytes / (room.dryRun ? 4 : 8);
  const again = cutList(tasks, bytes);
  const others = cutList(
    kept.map(({ task, state }) => [task, state] as const),
    bytes,
  );
  return {
    runId,
    tasks: again.items,
    kept: others.items,
    ...told({ notes: noted, problem: why }),
    ...(again.wasCut || others.wasCut ? { cut: true as const } : {}),
  };
}

export const CLEAR_ROUTES: readonly Route[] = [clearRun, clearRange];
