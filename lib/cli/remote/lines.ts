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
  let lines: readonly LoggedLine[] = [];
  let before: string | undefined;
  do {
    const page = await api.get<Pick<LogPage, 'lines' | 'prev'>>(path, {
      attempt,
      instance,
      before,
      limit: PAGE,
    });
    lines = [...page.lines, ...lines];
    before = page.prev;
  } while (before !== undefined && lines.length < MOST_LINES);
  return lines;
}
