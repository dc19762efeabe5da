import { dirname } from 'node:path';
import { RefusedError } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { project } from '../../history/project.ts';
import type { TaskRun } from '../../history/task-run.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { glyphOf, stateText } from '../glyphs.ts';
import { type PastRun, readLogs, readRun, type TryLog } from '../past-run.ts';
import type { Context } from '../program.ts';
import { rootOf } from '../project.ts';
import type { Paint, Terminal } from '../terminal.ts';
import { clip, durationText } from '../words.ts';

/** Prints what happened in a run, in the order it happened: tries, their log lines, their ends. */
export async function logs(context: Context, runId: string, task?: string): Promise<ExitCode> {
  const { terminal } = context;
  const run = readRun(rootOf(context), runId);
  if (task !== undefined) assertTask(run, task);
  const { tasks } = project(run.manifest, run.events);
  const shown = task === undefined ? tasks : tasks.filter(({ id }) => id === task);
  const tries = readLogs(run, task);
  terminal.json({
    run: { ...run.record, alive: run.alive, folder: run.folder },
    tasks: shown,
    logs: tries,
    events: run.events,
  });
  terminal.print([...head(run, terminal), '', ...timeline(shown, tries, terminal)].join('\n'));
  return EXIT.ok;
}

function assertTask({ manifest }: PastRun, task: string): void {
  const ids = manifest.tasks.map(({ id }) => id);
  if (ids.includes(task)) return;
  const near = nearest(task, ids);
  const remedy = near === undefined ? `it has ${clip(ids.join(', '), 200)}` : `did you mean "${near}"?`;
  throw new RefusedError(
    'unknown-task',
    `tutti logs › task: must be a task of "${manifest.dagId}", got "${task}"; ${remedy}`,
  );
}

function head({ record, alive, folder }: PastRun, { paint }: Terminal): readonly string[] {
  const { state, startedAt, endedAt } = record;
  const time =
    endedAt === undefined ? '' : ` in ${durationText(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const died = alive ? '' : paint('red', ' (its process is gone: this is what it had written)');
  return [
    `${stateText(state, paint)}${time}  ${paint('bold', record.id)}${died}`,
    // That tasks failed is told by the tasks.
    ...(record.error === undefined || record.error === 'DagRun.Failed'
      ? []
      : [paint('red', `  ${record.error}: ${record.cause ?? ''}`)]),
    paint('gray', `  started ${startedAt}, interval ${record.input.run.interval.date}, in ${folder}`),
  ];
}

interface Moment {
  readonly atMs: number;
  readonly text: string;
}

/** Everything with its time, oldest first; at one instant in the order it must have happened. */
function timeline(tasks: readonly TaskRun[], logs: readonly TryLog[], terminal: Terminal): readonly string[] {
  const moments = tasks.flatMap((task) => {
    const own = logs.filter((log) => log.task === task.id);
    return [...momentsOf(task, own, terminal)];
  });
  return moments
    .sort((a, b) => a.atMs - b.atMs)
    .map(
      ({ atMs, text }) => `${terminal.paint('gray', new Date(atMs).toISOString().slice(11, 23))}  ${text}`,
    );
}

function momentsOf(task: TaskRun, logs: readonly TryLog[], { paint }: Terminal): readonly Moment[] {
  const moments = task.tries.flatMap((_, index) => tryMoments(task, index, logs, paint));
  if (task.tries.length > 0 || task.endMs === undefined) return moments;
  return [{ atMs: task.endMs, text: `${stateText(task.state, paint)}  ${task.id}` }];
}

function tryMoments(task: TaskRun, index: number, logs: readonly TryLog[], paint: Paint): readonly Moment[] {
  const one = task.tries[index];
  if (one === undefined) return [];
  const name = task.tries.length > 1 ? `${task.id} (try ${index + 1})` : task.id;
  const lines = logs.find((log) => log.try === index + 1)?.lines ?? [];
  return [
    { atMs: one.startMs, text: `${glyphOf('running', paint)} ${name}` },
    ...lines.map((line) => ({ atMs: Date.parse(line.at), text: `  ${name} ${lineText(line, paint)}` })),
    ...(one.endMs === undefined ? [] : [{ atMs: one.endMs, text: endText(task, index, paint) }]),
  ];
}

function lineText({ level, message, fields }: TryLog['lines'][number], paint: Paint): string {
  const word = level.toUpperCase().padEnd(5);
  const style = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'gray';
  const { stack, ...others } = { stack: undefined, ...fields };
  const rest = Object.keys(others).length === 0 ? '' : ` ${paint('gray', JSON.stringify(others))}`;
  return `${paint(style, word)} ${message}${rest}${typeof stack === 'string' ? paint('gray', framesOf(stack)) : ''}`;
}

/** The lines of a stack that are the author's: neither ours nor Node's. */
function framesOf(stack: string): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && !isForeign(line));
  return frames.map((frame) => `\n      ${frame.trim()}`).join('');
}

function isForeign(frame: string): boolean {
  return /node:|node_modules/.test(frame) || frame.includes(OURS);
}

/** `dist/`: this file is in `dist/chunks/`. */
const OURS = dirname(import.meta.dirname);

function endText(task: TaskRun, index: number, paint: Paint): string {
  const one = task.tries[index];
  const last = index === task.tries.length - 1;
  const state = last ? task.state : 'up_for_retry';
  const time = one?.endMs === undefined ? '' : ` in ${durationText(one.endMs - one.startMs)}`;
  const why =
    one?.error === undefined ? '' : `: ${one.error}${one.cause === undefined ? '' : `, ${one.cause}`}`;
  return `${stateText(state, paint)}  ${task.id}${time}${why}`;
}
