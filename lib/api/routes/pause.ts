/** Pausing DAGs. */
import * as z from 'zod';
import type { DagHead } from '../../model/dag-version.ts';
import { pauseDag, unpauseDag } from '../../orchestrator/pause.ts';
import { cutIf } from '../fit.ts';
import { post, type Route } from '../route.ts';
import type { InputOf } from '../schemas/lazy.ts';

const nothing = () => z.strictObject({});

const paused = () => z.strictObject({ id: z.string(), paused: z.boolean(), pausedBy: z.string().optional() });

const pause = post('/dags/{dagId}:pause', {
  id: 'pauseDag',
  summary:
    'Its schedule makes and starts no runs any more; what goes on goes on, and what somebody asks for, too.',
  body: nothing,
  reply: paused,
  answer: async ({ api, actor, params: { dagId } }) => pausedOf(await pauseDag(api.world, actor, dagId)),
});

const unpause = post('/dags/{dagId}:unpause', {
  id: 'unpauseDag',
  summary: 'Its schedule makes runs again; those it missed by its catchup.',
  body: nothing,
  reply: paused,
  answer: async ({ api, actor, params: { dagId } }) => pausedOf(await unpauseDag(api.world, actor, dagId)),
});

function pausedOf({ dagId, paused: is, pausedBy }: DagHead): InputOf<typeof paused> {
  return { id: dagId, paused: is, pausedBy: cutIf(pausedBy, 200) };
}

export const PAUSE_ROUTES: readonly Route[] = [pause, unpause];
