/** Runs that somebody asks for. */
import * as z from 'zod';
import { trigger } from '../../orchestrator/trigger.ts';
import { defined } from '../defined.ts';
import { digest } from '../idempotency.ts';
import { post, type Route } from '../route.ts';
import { flag, instant } from '../schemas/inputs.ts';
import { runRecord } from '../schemas/records.ts';
import { runRow, runRowOf } from '../schemas/run.ts';
import { blocker, jsonObject, list } from '../schemas/words.ts';

const triggerRun = post('/dags/{dagId}/runs', {
  id: 'triggerRun',
  summary:
    'Makes a manual run, and starts it where there is a place; params follow the JSON Schema of the DAG.',
  query: () => ({ dryRun: flag('Only says what would be made.') }),
  body: () =>
    z.strictObject({
      logicalDate: instant(
        'The run is of the interval that holds it. Default: the newest complete one.',
      ).optional(),
      now: z.boolean().optional().meta({ description: 'Of no interval: an instant, now.' }),
      params: jsonObject().optional(),
      note: z.string().max(2_000).optional(),
    }),
  reply: () =>
    z.strictObject({
      run: runRow(),
      created: z
        .boolean()
        .meta({ description: 'False for a dry run, and where this request made it before.' }),
      record: runRecord().optional().meta({ description: 'Of a dry run: the run as it would be kept.' }),
      blockers: list(blocker()).meta({ description: 'What it waits for. Empty: it was started.' }),
    }),
  async answer({ api, actor, params: { dagId }, query: { dryRun }, body, key }) {
    // The answer may be lost after the run was made: asked again, it is the same run.
    const id = key === undefined ? undefined : digest(`${actor.name}\n${key}`).slice(0, 26);
    const request = defined({ ...body, dagId, dryRun, id });
    const { run, created, blockers } = await trigger(api.world, actor, request);
    return {
      run: runRowOf(run),
      record: dryRun === true ? run : undefined,
      created,
      blockers: blockers.map(({ code, text }) => ({ code, text })),
    };
  },
});

export const TRIGGER_ROUTES: readonly Route[] = [triggerRun];
