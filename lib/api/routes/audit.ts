/** Who did what. */
import * as z from 'zod';
import type { AuditEntry } from '../../store/store.ts';
import { defined } from '../defined.ts';
import { bytesOf, cut } from '../fit.ts';
import { get, type Route } from '../route.ts';
import { instant, paged, text } from '../schemas/inputs.ts';
import { lazy } from '../schemas/lazy.ts';
import { at, jsonObject, page } from '../schemas/words.ts';
import { firstText, lastText } from '../times.ts';

const entry = lazy(() =>
  z
    .strictObject({
      id: z.string(),
      at: at(),
      actor: z.string(),
      via: z.enum(['cli', 'api', 'scheduler', 'page']),
      action: z.string(),
      dagId: z.string().optional(),
      runId: z.string().optional(),
      details: jsonObject(),
    })
    .meta({ id: 'AuditEntry' }),
);

const listAudit = get('/audit', {
  id: 'listAudit',
  summary: 'Who did what, newest first.',
  query: () => ({
    ...paged(),
    actor: text(200, 'Who.'),
    dag: text(200, 'Of this DAG.'),
    run: text(200, 'Of this run.'),
    action: text(100, '`trigger`, `pause`, `clear` …'),
    from: instant('From this on.').optional(),
    to: instant('Up to this.').optional(),
  }),
  reply: () => page(entry()),
  async answer({ api, query: { actor, dag, run, action, from, to, limit, cursor } }) {
    const found = await api.world.store.audit.list(
      defined({
        limit,
        cursor,
        actor,
        dagId: dag,
        runId: run,
        action,
        from: from === undefined ? undefined : firstText(from),
        to: to === undefined ? undefined : lastText(to),
      }),
    );
    return { items: found.items.map(entryOf), cursor: found.cursor };
  },
});

/** Entries are small; one that is not shows the beginning of its details. */
function entryOf({ details, ...entry }: AuditEntry) {
  const text = bytesOf(details) > 1_200 ? cut(JSON.stringify(details), 1_000) : undefined;
  return { ...entry, details: text === undefined ? { ...details } : { cut: text } };
}

export const AUDIT_ROUTES: readonly Route[] = [listAudit];
