/** What changed since a cursor; the same pushed as server-sent events. */
import * as z from 'zod';
import type { Run } from '../../model/run.ts';
import type { Changes } from '../../store/store.ts';
import { CHANGES_LIMIT, isNews } from '../live.ts';
import { ProblemError } from '../problem.ts';
import { type Api, get, type Route } from '../route.ts';
import { text } from '../schemas/inputs.ts';
import { type InputOf, lazy } from '../schemas/lazy.ts';
import { runRow, runRowOf } from '../schemas/run.ts';
import { list } from '../schemas/words.ts';
import { gridRun, gridRuns } from './grid.ts';

const changed = lazy(() =>
  z
    .strictObject({
      cursor: z.string(),
      runs: list(z.strictObject({ run: runRow(), grid: gridRun().optional() })).meta({
        description: 'Each run once, as it is now; `grid`: its column, in the order of the current version.',
      }),
      dagsChanged: list(z.string()),
      resync: z
        .literal(true)
        .optional()
        .meta({ description: 'The cursor is of another store or too old: read everything anew.' }),
    })
    .meta({ id: 'Changes' }),
);

const SCOPE = /^(all|dag:.+|run:.+)$/;

const getChanges = get('/changes', {
  id: 'getChanges',
  summary:
    'What changed since a cursor, 304 where nothing did; without one the cursor of now. With `Accept: text/event-stream` the same as events.',
  query: () => ({
    since: text(2_000, '`cursor` of the reply before.'),
    scope: z
      .string()
      .max(500)
      .regex(SCOPE, 'must be all, dag:<id> or run:<dag>/<run>')
      .default('all')
      .meta({ description: '`all`, `dag:<id>` or `run:<dag>/<run>`.' }),
  }),
  reply: changed,
  async answer({ api, query: { since, scope }, request }) {
    if (wantsEvents(request)) return eventStream(api, request, { since, scope });
    const changes = await api.world.store.runs.changes(since, CHANGES_LIMIT);
    if (since !== undefined && !isNews(changes)) return new Response(null, { status: 304 });
    return viewOf(api, changes, scope);
  },
});

function wantsEvents(request: Request): boolean {
  return (request.headers.get('accept') ?? '').includes('text/event-stream');
}

/** Cells of very wide DAGs make a reply large: those that do not fit are read from the grid. */
async function viewOf(api: Api, changes: Changes, scope: string): Promise<InputOf<typeof changed>> {
  const runs = changes.runs.filter((run) => isIn(scope, run));
  const byDag = Map.groupBy(runs, ({ dagId }) => dagId);
  const columns = new Map<string, InputOf<typeof gridRun>>();
  let left = 400_000;
  for (const [dagId, of] of byDag) {
    const head = await api.world.store.dags.head(dagId);
    const current = head === undefined ? undefined : await api.versions.current(head);
    left -= of.length * ((current?.rows.length ?? 0) + 300);
    if (current === undefined || left < 0) continue;
    for (const column of await gridRuns(api, of, current)) columns.set(`${dagId} ${column.id}`, column);
  }
  return {
    cursor: changes.cursor,
    runs: runs.map((run) => ({ run: runRowOf(run), grid: columns.get(`${run.dagId} ${run.id}`) })),
    dagsChanged: changes.dags.filter((dagId) => scope === 'all' || scope === `dag:${dagId}`),
    ...(changes.resync === true ? { resync: true as const } : {}),
  };
}

function isIn(scope: string, { dagId, id }: Run): boolean {
  return scope === 'all' || scope === `dag:${dagId}` || scope === `run:${dagId}/${id}`;
}

/** Chunks that a slow reader may be behind; then it is cut off, and comes back with its last id. */
const MOST_BEHIND = 256;

async function eventStream(
  api: Api,
  request: Request,
  { since, scope }: { readonly since: string | undefined; readonly scope: string },
): Promise<Response> {
  const { live, options } = api;
  if (options.streams === false || !live.hasPlace())
    throw new ProblemError(
      'too-many-streams',
      'request › accept: must be application/json now, got text/event-stream: there is no place for another stream; ask for changes since a cursor',
    );
  const end = new AbortController();
  const stop = () => end.abort();
  if (request.signal.aborted) stop();
  request.signal.addEventListener('abort', stop, { once: true });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    undefined,
    new CountQueuingStrategy({ highWaterMark: MOST_BEHIND }),
    new CountQueuingStrategy({ highWaterMark: MOST_BEHIND }),
  );
  const writer = writable.getWriter();
  writer.closed.then(stop, stop);
  const encoder = new TextEncoder();
  const send = (event: string) => {
    if (end.signal.aborted) return;
    if ((writer.desiredSize ?? 0) <= 0) return stop();
    writer.write(encoder.encode(event)).catch(stop);
  };
  end.signal.addEventListener('abort', () => writer.close().catch(() => undefined), { once: true });
  send('retry: 2000\n\n');
  let order: Promise<void> = Promise.resolve();
  const tell = async (changes: Changes) => {
    const view = await viewOf(api, changes, scope);
    send(`id: ${view.cursor}\nevent: changes\ndata: ${JSON.stringify(view)}\n\n`);
  };
  await live.listen(
    {
      changed: (changes) => {
        order = order.then(() => tell(changes)).catch(stop);
      },
      heartbeat: () => send(': heartbeat\n\n'),
      ended: stop,
    },
    request.headers.get('last-event-id') ?? since,
    end.signal,
  );
  return new Response(readable, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
    },
  });
}

export const CHANGE_ROUTES: readonly Route[] = [getChanges];
