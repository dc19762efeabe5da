import { problemsJson } from '../problems.ts';
import { isError, problemsText } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { clip, count } from '../words.ts';
import type { DevConsole } from './console.ts';
import type { ProjectReload } from './dev-project.ts';

export interface ReloadContext {
  readonly console: DevConsole;
  readonly terminal: Terminal;
  readonly root: string;
  /** The first reading of the project. */
  readonly first: boolean;
  /** How many there are now. */
  readonly dags: number;
}

/** Says what reading the project anew has changed, what is wrong in it, and what is no more. */
export function tellReload(
  reload: ProjectReload,
  { console, terminal, root, first, dags }: ReloadContext,
): void {
  const { changed, registered, broken, mended, kept, problems, tookMs } = reload;
  const errors = problems.filter(isError);
  console.say(
    'loaded',
    {
      files: changed,
      dags,
      added: registered.added,
      changed: registered.changed,
      retired: registered.retired,
      broken,
      mended,
      kept,
      read: reload.read,
      problems: problemsJson(problems, root),
      tookMs,
    },
    first
      ? `${count(dags, 'DAG')}, scheduled here; tutti pause <dag> holds one back`
      : newsText(reload, terminal),
  );
  if (errors.length === 0) return;
  console.warn(problemsText(errors, { terminal, root }));
  const verb = kept.length === 1 ? 'stays as it was' : 'stay as they were';
  const stay = kept.length === 0 ? '' : `; ${clip(kept.join(', '), MOST)} ${verb}`;
  console.warn(terminal.paint('red', `✕ ${count(errors.length, 'error')}${stay}`));
}

/** Characters of a list of names. */
const MOST = 100;

function newsText(
  { registered: { added, changed, retired }, read, mended, changed: files, tookMs }: ProjectReload,
  { paint }: Terminal,
): string {
  const same = read.filter((id) => !added.includes(id) && !changed.includes(id));
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['new', added],
    ['changed', changed],
    ['gone', retired],
    ['read again', same],
    [paint('green', 'mended'), mended],
  ];
  const parts = lists.flatMap(([word, names]) =>
    names.length === 0 ? [] : [`${word} ${clip(names.join(', '), MOST)}`],
  );
  const news = parts.length === 0 ? 'no DAG changed' : parts.join('; ');
  return `↻ ${clip(files.join(', '), MOST)}: ${news} ${paint('gray', `(${tookMs} ms)`)}`;
}
