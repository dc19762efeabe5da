import type { TaskRun } from '../history/task-run.ts';
import { isFinal, stateText } from './glyphs.ts';
import { instancesText } from './instances.ts';
import type { Terminal } from './terminal.ts';
import { clip, durationText } from './words.ts';

/** What shows a run while it goes on. */
export interface ProgressView {
  /** Shows the tasks as they are at this instant. Cheap to call often. */
  update(tasks: readonly TaskRun[], nowMs: number): void;
  /** The last call: leaves the terminal as it was found. */
  end(tasks: readonly TaskRun[], nowMs: number): void;
}

/** What follows the error of a task that is to be tried again: when. */
export type NextTry = (task: TaskRun) => string;

/** One line for each change of a task: for logs of CI, and for pipes. */
export function plainProgress(
  terminal: Terminal,
  simulated: readonly string[] = [],
  nextTry: NextTry = () => '',
): ProgressView {
  const shown = new Map<string, string>();
  const marked = new Set(simulated);
  const update: ProgressView['update'] = (tasks, nowMs) => {
    for (const task of tasks) {
      const key = `${task.state} ${task.tries.length}`;
      if (task.state === 'none' || task.state === 'scheduled' || shown.get(task.id) === key) continue;
      // Of a rerun: it did nothing.
      if (task.masked === true) continue;
      shown.set(task.id, key);
      terminal.print(plainLine(task, terminal, { nowMs, nextTry, simulated: marked.has(task.id) }));
    }
  };
  return { update, end: update };
}

interface LineFacts {
  readonly nextTry: NextTry;
  readonly nowMs: number;
  readonly simulated: boolean;
}

function plainLine(task: TaskRun, { paint }: Terminal, { nowMs, nextTry, simulated }: LineFacts): string {
  const { state, tries } = task;
  const retried = tries.length > 1 ? ` (try ${tries.length})` : '';
  const time = isFinal(state) && task.startMs !== undefined ? ` in ${timeOf(task, nowMs)}` : '';
  const last = tries.at(-1);
  const instances = instancesText(task);
  const among = instances === '' ? '' : ` (${instances})`;
  const waits = state === 'up_for_retry' ? nextTry(task) : '';
  const why = state === 'failed' || state === 'up_for_retry' ? `${errorText(last)}${waits}` : '';
  return `${stateText(state, paint)}  ${task.id}${retried}${among}${time}${simulated ? ' (simulated)' : ''}${why}`;
}

/** `: Http.503, busy`, for the end of a line; `''` without an error. */
export function errorText(last: TaskRun['tries'][number] | undefined): string {
  if (last?.error === undefined) return '';
  return `: ${last.error}${last.cause === undefined ? '' : `, ${clip(firstLine(last.cause), 160)}`}`;
}

/** `12s` since the task started, or what it took. */
export function timeOf(task: TaskRun, nowMs: number): string {
  return durationText((task.endMs ?? nowMs) - (task.startMs ?? nowMs));
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
