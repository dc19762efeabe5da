/** What happened in a run, in the order it happened: tries, their log lines, their ends. */
import type { TaskRun, Try } from '../history/task-run.ts';
import { authorFrames } from './frames.ts';
import { glyphOf, stateText } from './glyphs.ts';
import { instanceName, instancesText, isMeant } from './instances.ts';
import type { TryLog } from './past-run.ts';
import type { Paint } from './terminal.ts';
import { durationText } from './words.ts';

/** A task, or one instance of it, as one line of events. */
export interface Shown {
  readonly name: string;
  readonly state: TaskRun['state'];
  readonly endMs?: number;
  readonly tries: readonly Try[];
  readonly logs: readonly TryLog[];
  /** Beside the state of what did not run, or ran as many. */
  readonly note?: string;
}

export interface Wanted {
  /** Only this instance, by counters or label. */
  readonly instance?: string | undefined;
  /** Every instance of every task. @default of more than 20 those that did not succeed */
  readonly instances?: boolean | undefined;
}

/** Instances of one task that are told one by one without being asked for. */
const MOST_INSTANCES = 20;

/** Tasks as they are told; those with many instances as a whole. */
export function shownRuns(
  tasks: readonly TaskRun[],
  logs: readonly TryLog[],
  wanted: Wanted = {},
): readonly Shown[] {
  const byTask = Map.groupBy(logs, ({ task }) => task);
  return tasks.flatMap((task) => shownTask(task, byTask.get(task.id) ?? [], wanted));
}

/** Everything with its time, oldest first; at one instant in the order it must have happened. */
export function timeline(runs: readonly Shown[], paint: Paint): readonly string[] {
  return runs
    .flatMap((run) => momentsOf(run, paint))
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, text }) => `${paint('gray', new Date(atMs).toISOString().slice(11, 23))}  ${text}`);
}

function shownTask(task: TaskRun, logs: readonly TryLog[], wanted: Wanted): readonly Shown[] {
  const { instances } = task;
  if (instances === undefined || instances.length === 0) return [{ ...task, name: task.id, logs }];
  const byInstance = Map.groupBy(logs, ({ instance }) => instance ?? '');
  const told = instances.filter((run) => {
    if (wanted.instance !== undefined) return isMeant(run, wanted.instance);
    if (wanted.instances === true || instances.length <= MOST_INSTANCES) return true;
    return run.state !== 'success' && run.state !== 'skipped';
  });
  const runs = told
    .slice(0, wanted.instances === true ? told.length : MOST_INSTANCES)
    .map((run) => ({ ...run, name: instanceName(task.id, run), logs: byInstance.get(run.instance) ?? [] }));
  if (wanted.instance !== undefined || runs.length === instances.length) return runs;
  return [...runs, { ...task, name: task.id, tries: [], logs: [], note: instancesText(task) }];
}

interface Moment {
  readonly atMs: number;
  readonly text: string;
}

function momentsOf(run: Shown, paint: Paint): readonly Moment[] {
  const moments = run.tries.flatMap((_, index) => tryMoments(run, index, paint));
  if (run.tries.length > 0 || run.endMs === undefined) return moments;
  const note = run.note === undefined ? '' : ` ${paint('gray', run.note)}`;
  return [{ atMs: run.endMs, text: `${stateText(run.state, paint)}  ${run.name}${note}` }];
}

function tryMoments(run: Shown, index: number, paint: Paint): readonly Moment[] {
  const one = run.tries[index];
  if (one === undefined) return [];
  const name = run.tries.length > 1 ? `${run.name} (try ${index + 1})` : run.name;
  const lines = run.logs.find((log) => log.try === index + 1)?.lines ?? [];
  return [
    { atMs: one.startMs, text: `${glyphOf('running', paint)} ${name}` },
    ...lines.map((line) => ({ atMs: Date.parse(line.at), text: `  ${name} ${lineText(line, paint)}` })),
    ...(one.endMs === undefined ? [] : [{ atMs: one.endMs, text: endText(run, index, paint) }]),
  ];
}

function lineText({ level, message, fields }: TryLog['lines'][number], paint: Paint): string {
  const word = level.toUpperCase().padEnd(5);
  const style = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'gray';
  const { stack, ...others } = { stack: undefined, ...fields };
  const rest = Object.keys(others).length === 0 ? '' : ` ${paint('gray', JSON.stringify(others))}`;
  return `${paint(style, word)} ${message}${rest}${typeof stack === 'string' ? paint('gray', framesText(stack)) : ''}`;
}

function framesText(stack: string): string {
  return authorFrames(stack)
    .map((frame) => `\n      ${frame}`)
    .join('');
}

function endText(run: Shown, index: number, paint: Paint): string {
  const one = run.tries[index];
  const last = index === run.tries.length - 1;
  const state = last ? run.state : 'up_for_retry';
  const time = one?.endMs === undefined ? '' : ` in ${durationText(one.endMs - one.startMs)}`;
  const why =
    one?.error === undefined ? '' : `: ${one.error}${one.cause === undefined ? '' : `, ${one.cause}`}`;
  return `${stateText(state, paint)}  ${run.name}${time}${why}`;
}
