import type { TaskRun } from '../history/task-run.ts';
import type { Manifest } from '../model/manifest.ts';
import { glyphOf, isFinal, stateText } from './glyphs.ts';
import { instancesText } from './instances.ts';
import { errorText, type NextTry, type ProgressView, timeOf } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { clip, clipColored, columns } from './words.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** The DAG's tasks, redrawn in place; what does not fit the screen is folded, finished tasks first. */
export function liveProgress(
  manifest: Manifest,
  terminal: Terminal,
  simulated: readonly string[] = [],
  nextTry: NextTry = () => '',
): ProgressView {
  const marked = new Set(simulated);
  const order = drawingOrder(manifest);
  let drawn: readonly string[] = [];
  const erase = () => {
    if (drawn.length > 0) terminal.write(`\u001b[${drawn.length}A\u001b[0J`);
  };
  const draw = (lines: readonly string[]) => {
    terminal.write(lines.map((line) => `${line}\n`).join(''));
    drawn = lines;
  };
  // What a task prints goes above the list instead of through it.
  const restore = terminal.intercept((write, text) => {
    erase();
    write();
    if (!text.endsWith('\n')) terminal.write('\n');
    draw(drawn);
  });
  terminal.write(HIDE_CURSOR);
  const redraw = (tasks: readonly TaskRun[], nowMs: number, most: number) => {
    const next = lines(sorted(tasks, order), terminal, { nowMs, most, nextTry, simulated: marked });
    erase();
    draw(next);
  };
  return {
    update: (tasks, nowMs) => redraw(tasks, nowMs, Math.max(3, terminal.rows - 2)),
    end: (tasks, nowMs) => {
      restore();
      redraw(tasks, nowMs, Math.max(3, terminal.rows - 2));
      terminal.write(SHOW_CURSOR);
    },
  };
}

function drawingOrder(manifest: Manifest): ReadonlyMap<string, number> {
  const tasks = [...manifest.tasks].sort(
    (a, b) => a.layout.column - b.layout.column || a.layout.row - b.layout.row,
  );
  return new Map(tasks.map((task, index) => [task.id, index]));
}

function sorted(tasks: readonly TaskRun[], order: ReadonlyMap<string, number>): readonly TaskRun[] {
  return [...tasks].sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
}

interface Drawing {
  readonly nextTry: NextTry;
  readonly nowMs: number;
  /** Lines there is room for. */
  readonly most: number;
  readonly simulated: ReadonlySet<string>;
}

function lines(
  tasks: readonly TaskRun[],
  terminal: Terminal,
  { nowMs, most, nextTry, simulated }: Drawing,
): readonly string[] {
  const shown = tasks.length <= most ? tasks : worthShowing(tasks, most - 1);
  const rows = columns(
    shown.map((task) => [
      `  ${glyphOf(task.state, terminal.paint)} ${clip(task.id, 60)}`,
      task.startMs === undefined ? '' : timeOf(task, nowMs),
      [
        instancesText(task),
        note(task, terminal, nextTry),
        simulated.has(task.id) ? terminal.paint('gray', '(simulated)') : '',
      ]
        .filter(Boolean)
        .join(' '),
    ]),
  );
  const clipped = rows.map((row) => clipColored(row, terminal.columns));
  if (shown.length === tasks.length) return clipped;
  return [...clipped, `  ${terminal.paint('gray', folded(tasks, shown))}`];
}

/** The tasks that matter now, in the order of the DAG: running, then failed, then the next ones, then the last finished. */
function worthShowing(tasks: readonly TaskRun[], most: number): readonly TaskRun[] {
  const rank = (task: TaskRun): number => {
    if (task.state === 'running' || task.state === 'waiting' || task.state === 'up_for_retry') return 0;
    if (task.state === 'failed') return 1;
    return isFinal(task.state) ? 3 : 2;
  };
  const byRank = tasks
    .map((task, index) => ({ task, index }))
    .sort((a, b) => rank(a.task) - rank(b.task) || a.index - b.index);
  return byRank
    .slice(0, most)
    .sort((a, b) => a.index - b.index)
    .map(({ task }) => task);
}

function folded(tasks: readonly TaskRun[], shown: readonly TaskRun[]): string {
  const visibleIds = new Set(shown.map((task) => task.id));
  const hidden = tasks.filter((task) => !visibleIds.has(task.id));
  const by = new Map<TaskRun['state'], number>();
  for (const task of hidden) by.set(task.state, (by.get(task.state) ?? 0) + 1);
  const plain = (_style: unknown, text: string) => text;
  return `and ${[...by].map(([state, amount]) => `${amount} ${stateText(state, plain)}`).join(', ')}`;
}

function note(task: TaskRun, { paint }: Terminal, nextTry: NextTry): string {
  if (task.masked === true) return paint('gray', 'kept');
  const tries = task.tries.length;
  const last = task.tries.at(-1);
  if (task.state === 'up_for_retry')
    return paint('yellow', `try ${tries} failed${errorText(last)}${nextTry(task)}`);
  if (task.state === 'failed')
    return paint('red', `${tries > 1 ? `${tries} tries` : 'failed'}${errorText(last)}`);
  if (task.state === 'skipped' || task.state === 'upstream_failed' || task.state === 'cancelled') {
    return paint('gray', task.state.replace('_', ' '));
  }
  return tries > 1 ? paint('gray', task.state === 'running' ? `try ${tries}` : `${tries} tries`) : '';
}
