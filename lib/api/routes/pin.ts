/** Going back to an older version. */
import * as z from 'zod';
import { pinDag } from '../../orchestrator/pin.ts';
import { defined } from '../defined.ts';
import { post, type Route } from '../route.ts';

const pin = post('/dags/{dagId}:pin', {
  id: 'pinDag',
  summary: 'Runs that start from now on have a version that it had before, until it is deployed again.',
  body: () =>
    z.strictObject({
      version: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .meta({ description: 'Or its first characters, at least 4. Absent: what was deployed last.' }),
      dryRun: z.boolean().optional(),
    }),
  reply: () =>
    z.strictObject({
      id: z.string(),
      version: z.string(),
      before: z.string().meta({ description: 'The version that it had.' }),
      pinnedFrom: z
        .string()
        .optional()
        .meta({ description: 'What was deployed last, where that is another.' }),
    }),
  answer: async ({ api, actor, params: { dagId }, body }) => {
    const { head, before } = await pinDag(api.world, actor, { dagId, ...defined(body) });
    return { id: dagId, version: head.version, before, pinnedFrom: head.pinnedFrom };
  },
});

export const PIN_ROUTES: readonly Route[] = [pin];
