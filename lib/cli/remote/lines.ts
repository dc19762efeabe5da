/** Log lines of tries, read from the API. */
import type { Run } from '../../model/run.ts';
import type { LoggedLine, LoggedTryKey, LogPage } from '../../orchestrator/ports.ts';
import { type ApiClient, pathTo } from './client.ts';

/** Most lines of one try: the newest ones. */
const MOST_LINES = 20_000;
/** Lines of one reply. */
const PAGE = 1_000;

/** What a try of a run's attempt wrote, oldest first. */
export async function linesOf(
  api: ApiClient,
  { dagId, id, attempt }: Run,
  { task, instance, try: number }: Omit<LoggedTryKey, 'execution'>,
): Promise<readonly LoggedLine[]> {
  const path = pathTo('dags', dagId, 'runs', id, 'tasks', task, 'tries', String(number), 'logs');
  const read = (at: { readonly before?: string; readonly after?: string }) =>
    api.get<Answer>(path, { attempt, instance, ...at, limit: PAGE });
  const first = await read({});
  let lines = first.lines;
  for (let { prev } = first; prev !== undefined && lines.length < MOST_LINES; ) {
    const page: Answer = await read({ before: prev });
    lines = [...page.lines, ...lines];
    prev = page.prev;
  }
  // Where the newest ones are far, a reply ends before them.
  for (let { next, end } = first; next !== undefined && !end && lines.length < MOST_LINES; ) {
    const page: Answer = await read({ after: next });
    if (page.next === next) break;
    lines = [...lines, ...page.lines];
    ({ next, end } = page);
  }
  return lines;
}

/** A run that has not started has no log, and no place in it. */
type Answer = Pick<LogPage, 'lines' | 'prev' | 'end'> & Partial<Pick<LogPage, 'next'>>;
