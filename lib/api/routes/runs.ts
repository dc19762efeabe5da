/** Runs: lists of them, and one with its tasks. */
import * as z from 'zod';
import { RefusedError } from '../../base/errors.ts';
import type { LedgerState, Run } from '../../model/run.ts';
import { stateOfChar } from '../../model/state-chars.ts';
import type { TaskRunRow } from '../../store/store.ts';
import { indexOf } from '../cursor.ts';
import { defined } from '../defined.ts';
import { bytesOf, PAGE_BYTES, pageOf } from '../fit.ts';
import { rowsNow, runNow } from '../progress.ts';
import { type Api, get, type Route } from '../route.ts';
import { instant, paged, several } from '../schemas/inputs.ts';
import { run, runOf, runRow, runRowOf } from '../schemas/run.ts';
import { taskRow, taskRowOf, taskRun, taskRunOf } from '../schemas/task-run.ts';
import { cursor, list, page, RUN_STATES, RUN_TYPES, wasCut } from '../schemas/words.ts';
import { firstText, lastText } from '../times.ts';
import type { Prepared } from '../versions.ts';

const filters = () => ({
  ...paged(),
  state: several(RUN_STATES, 'Any of these states.'),
  type: several(RUN_TYPES, 'Any of these types.'),
  from: instant('Logical dates from this on.').optional(),
  to: instant('Logical dates up to this, a day as a whole.').optional(),
  order: z.enum(['newest', 'oldest']).default('newest'),
});

type Filters = z.output<z.ZodObject<ReturnType<typeof filters>>>;

const listRuns = get('/runs', {
  id: 'listRuns',
  summary: 'Runs of all DAGs, by when they were created.',
  query: filters,
  reply: () => page(runRow()),
  answer: ({ api, query }) => runsPage(api, query),
});

const listDagRuns = get('/dags/{dagId}/runs', {
  id: 'listDagRuns',
  summary: 'Runs of one DAG, by logical date.',
  query: filters,
  reply: () => page(runRow()),
  async answer({ api, query, params: { dagId } }) {
    await api.versions.head(dagId);
    return runsPage(api, query, dagId);
  },
});

async function runsPage(api: Api, { state, type, from, to, ...rest }: Filters, dagId?: string) {
  const query = defined({
    ...rest,
    dagId,
    states: state?.flatMap(ledgerStates),
    types: type,
    from: from === undefined ? undefined : firstText(from),
    to: to === undefined ? undefined : lastText(to),
  });
  for (let limit = rest.limit; ; limit >>= 1) {
    const { items, cursor: next } = await api.world.store.runs.list({ ...query, limit });
    const rows = items.map(runRowOf);
    if (rows.length <= MOST_LONG_ROWS || bytesOf(rows) <= PAGE_BYTES) return { items: rows, cursor: next };
  }
}

/** So many fit, whatever they say. */
const MOST_LONG_ROWS = 200;

/** States that are told as one. */
export function ledgerStates(state: (typeof RUN_STATES)[number]): readonly LedgerState[] {
  return state === 'queued' ? ['queued', 'starting'] : [state];
}

const getRun = get('/dags/{dagId}/runs/{runId}', {
  id: 'getRun',
  summary: 'One run and its tasks as they are now, in the order of the DAG.',
  query: paged,
  reply: () => z.strictObject({ run: run(), tasks: list(taskRow()), cursor: cursor(), cut: wasCut() }),
  async answer({ api, params, query }) {
    const found = await runNow(api, await runAt(api, params));
    const version = await api.versions.find(found.dagId, found.version);
    const rows = await rowsNow(api, found);
    const tasks = tasksNow(found, version, rows);
    const from = indexOf('tasks', query.cursor);
    const { items, cursor: next } = pageOf('tasks', tasks, { from, limit: query.limit, bytes: 300_000 });
    return { run: runOf(found), tasks: items, cursor: next };
  },
});

/** The state is the run's own; times and tries are those of the last attempt in which it ran. */
function tasksNow(of: Run, version: Prepared | undefined, rows: readonly TaskRunRow[]) {
  const whole = new Map(rows.filter(({ instance }) => instance === undefined).map((row) => [row.task, row]));
  const ids = version?.rows.map(([id]) => id) ?? [...whole.keys()];
  return ids.map((task, index) => {
    const row = whole.get(task);
    const state = stateOfChar(of.cells[index] ?? '-');
    if (row === undefined) return { task, attempt: of.attempt, state, tries: 0 };
    return { ...taskRowOf(row), state: version === undefined ? row.state : state };
  });
}

const listTaskRuns = get('/dags/{dagId}/runs/{runId}/tasks', {
  id: 'listTaskRuns',
  summary: 'Task runs of all attempts of a run, instances included.',
  query: paged,
  reply: () => page(taskRow()),
  async answer({ api, params, query }) {
    const rows = await rowsNow(api, await runAt(api, params));
    const from = indexOf('task-runs', query.cursor);
    const { items, cursor: next } = pageOf('task-runs', rows.map(taskRowOf), { from, limit: query.limit });
    return { items, cursor: next };
  },
});

const getTask = get('/dags/{dagId}/runs/{runId}/tasks/{task}', {
  id: 'getTask',
  summary: 'One task of a run: each attempt and instance, with all tries.',
  query: paged,
  reply: () => page(taskRun()),
  async answer({ api, params: { task, ...key }, query }) {
    const found = await runAt(api, key);
    await knownTask(api, found, task);
    const rows = await rowsNow(api, found, { task });
    const from = indexOf('tries', query.cursor);
    const { items, cursor: next } = pageOf('tries', rows.map(taskRunOf), { from, limit: query.limit });
    return { items, cursor: next };
  },
});

/** @throws {RefusedError} `unknown-dag`, `unknown-run` */
export async function runAt(
  api: Api,
  { dagId, runId }: { readonly dagId: string; readonly runId: string },
): Promise<Run> {
  const found = await api.world.store.runs.get({ dagId, runId });
  if (found !== undefined) return found;
  await api.versions.head(dagId);
  throw new RefusedError(
    'unknown-run',
    `dag "${dagId}" › run: must be one of its runs, got "${runId}"; list its runs`,
  );
}

/** @throws {RefusedError} `unknown-task` */
export async function knownTask(api: Api, { dagId, version }: Run, task: string): Promise<void> {
  const found = await api.versions.find(dagId, version);
  if (found === undefined || found.indexOf.has(task)) return;
  if (found.manifest.modules?.some(({ id }) => id === task) === true) return;
  throw new RefusedError('unknown-task', `dag "${dagId}" › task: must be one of its tasks, got "${task}"`);
}

export const RUN_ROUTES: readonly Route[] = [listRuns, listDagRuns, getRun, listTaskRuns, getTask];
