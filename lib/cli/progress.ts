import type { TaskRun } from '../history/project.ts';
import type { Manifest } from '../model/manifest.ts';
import { glyphOf, isFinal, stateText } from './glyphs.ts';
import type { Terminal } from './terminal.ts';
import { clip, columns, durationText, visible } from './words.ts';

/** What shows a run while it goes on. */
export interface ProgressView {
  /** Shows the tasks as they are at this instant. Cheap to call often. */
  update(tasks: readonly TaskRun[], nowMs: number): void;
  /** The last call: leaves the terminal as it was found. */
  end(tasks: readonly TaskRun[], nowMs: number): void;
}

/** One line for each change of a task: for logs of CI, and for pipes. */
export function plainProgress(terminal: Terminal): ProgressView {
  const shown = new Map<string, string>();
  const update: ProgressView['update'] = (tasks, nowMs) => {
    for (const task of tasks) {
      const key = `${task.state} ${task.tries.length}`;
      if (task.state === 'none' || task.state === 'scheduled' || shown.get(task.id) === key) continue;
      shown.set(task.id, key);
      terminal.print(plainLine(task, terminal, nowMs));
    }
  };
  return { update, end: update };
}

function plainLine(task: TaskRun, { paint }: Terminal, nowMs: number): string {
  const { state, tries } = task;
  const retried = tries.length > 1 ? ` (try ${tries.length})` : '';
  const time = isFinal(state) && task.startMs !== undefined ? ` in ${timeOf(task, nowMs)}` : '';
  const last = tries.at(-1);
  const why = state === 'failed' || state === 'up_for_retry' ? errorText(last) : '';
  return `${stateText(state, paint)}  ${task.id}${retried}${time}${why}`;
}

function errorText(last: TaskRun['tries'][number] | undefined): string {
  if (last?.error === undefined) return '';
  return `: ${last.error}${last.cause === undefined ? '' : `, ${clip(firstLine(last.cause), 160)}`}`;
}

/** The DAG's tasks, redrawn in place; what does not fit the screen is folded, finished tasks first. */
export function liveProgress(manifest: Manifest, terminal: Terminal): ProgressView {
  let height = 0;
  const order = drawingOrder(manifest);
  const erase = () => {
    if (height > 0) terminal.write(`\u001b[${height}A\u001b[0J`);
    height = 0;
  };
  const draw = (lines: readonly string[]) => {
    erase();
    terminal.write(lines.map((line) => `${line}\n`).join(''));
    height = lines.length;
  };
  let last: readonly string[] = [];
  // What a task prints goes above the list instead of through it.
  const restore = intercept((write) => {
    erase();
    write();
    draw(last);
  });
  terminal.write('\u001b[?25l');
  return {
    update: (tasks, nowMs) => {
      last = lines(sorted(tasks, order), terminal, nowMs, Math.max(3, terminal.rows - 2));
      draw(last);
    },
    end: (tasks, nowMs) => {
      restore();
      draw(lines(sorted(tasks, order), terminal, nowMs, Math.max(40, terminal.rows - 2)));
      terminal.write('\u001b[?25h');
    },
  };
}

/** Calls `around` for every write of somebody else to the standard streams; gives what undoes it. */
function intercept(around: (write: () => void) => void): () => void {
  const undo = [process.stdout, process.stderr].map((stream) => {
    const original = stream.write;
    const write: typeof stream.write = (...args: Parameters<typeof stream.write>) => {
      let result = true;
      around(() => {
        result = original.apply(stream, args);
      });
      return result;
    };
    stream.write = write;
    return () => {
      stream.write = original;
    };
  });
  return () => {
    for (const step of undo) step();
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

function lines(
  tasks: readonly TaskRun[],
  terminal: Terminal,
  nowMs: number,
  most: number,
): readonly string[] {
  const shown = tasks.length <= most ? tasks : worthShowing(tasks, most - 1);
  const rows = columns(
    shown.map((task) => [
      `  ${glyphOf(task.state, terminal.paint)} ${clip(task.id, 60)}`,
      task.startMs === undefined ? '' : timeOf(task, nowMs),
      note(task, terminal),
    ]),
  );
  const clipped = rows.map((row) =>
    visible(row).length <= terminal.columns ? row : clip(visible(row), terminal.columns),
  );
  if (shown.length === tasks.length) return clipped;
  return [...clipped, `  ${terminal.paint('gray', folded(tasks, shown))}`];
}

/** The tasks that matter now, in the order of the DAG: running, then failed, then the next ones, then the last finished. */
function worthShowing(tasks: readonly TaskRun[], most: number): readonly TaskRun[] {
  const rank = (task: TaskRun): number => {
    if (task.state === 'running' || task.state === 'up_for_retry') return 0;
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

function note(task: TaskRun, { paint }: Terminal): string {
  const tries = task.tries.length;
  const last = task.tries.at(-1);
  if (task.state === 'up_for_retry') return paint('yellow', `try ${tries} failed${errorText(last)}`);
  if (task.state === 'failed')
    return paint('red', `${tries > 1 ? `${tries} tries` : 'failed'}${errorText(last)}`);
  if (task.state === 'skipped' || task.state === 'upstream_failed' || task.state === 'cancelled') {
    return paint('gray', task.state.replace('_', ' '));
  }
  return tries > 1 ? paint('gray', task.state === 'running' ? `try ${tries}` : `${tries} tries`) : '';
}

function timeOf(task: TaskRun, nowMs: number): string {
  return durationText((task.endMs ?? nowMs) - (task.startMs ?? nowMs));
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
