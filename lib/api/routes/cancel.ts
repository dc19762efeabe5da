/** Ending runs before their time. */
import * as z from 'zod';
import { cancelRun } from '../../orchestrator/cancel.ts';
import { defined } from '../defined.ts';
import { post, type Route } from '../route.ts';
import { flag } from '../schemas/inputs.ts';
import { runRow, runRowOf } from '../schemas/run.ts';

const cancel = post('/dags/{dagId}/runs/{runId}:cancel', {
  id: 'cancelRun',
  summary: 'Cancels a run that has not ended, and stops its execution and the external jobs it started.',
  query: () => ({ dryRun: flag('Only says what would be done.') }),
  body: () => z.strictObject({}),
  reply: () =>
    z.strictObject({
      run: runRow(),
      outcome: z
        .enum(['cancelled', 'stopping'])
        .meta({ description: '`stopping`: its execution is being ended.' }),
    }),
  async answer({ api, actor, params, query: { dryRun } }) {
    const { run, outcome } = await cancelRun(api.world, actor, defined({ ...params, dryRun }));
    return { run: runRowOf(run), outcome };
  },
});

export const CANCEL_ROUTES: readonly Route[] = [cancel];
