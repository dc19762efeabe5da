import { relative } from 'node:path';
import type { TaskRun } from '../history/project.ts';
import type { RunRecord } from '../local/run-folder.ts';
import { glyphOf, stateText } from './glyphs.ts';
import type { Terminal } from './terminal.ts';
import { clip, columns, count, durationText } from './words.ts';

/** A run that ended. */
export interface EndedRun {
  readonly record: RunRecord;
  readonly tasks: readonly TaskRun[];
  /** The run's folder, absolute. */
  readonly folder: string;
  /** Path of the log of a task's last try, absolute; `undefined` where it wrote none. */
  readonly logOf: (task: TaskRun) => string | undefined;
  /** Where the run's data is: files and databases, absolute. */
  readonly data: readonly string[];
}

/** Most failed tasks that are told one by one. */
const MOST_FAILED = 10;

/** What a person wants to know when a run has ended: how, why, where the data is, what to type next. */
export function summaryLines(run: EndedRun, terminal: Terminal): readonly string[] {
  const { record, tasks } = run;
  const { paint } = terminal;
  const failed = tasks.filter((task) => task.state === 'failed');
  const facts = columns(factsOf(run).map(([name, value]) => [`  ${paint('gray', name)}`, value]));
  const more =
    failed.length > MOST_FAILED ? [`  and ${count(failed.length - MOST_FAILED, 'failed task')} more`] : [];
  const time =
    record.endedAt === undefined
      ? ''
      : ` in ${durationText(Date.parse(record.endedAt) - Date.parse(record.startedAt))}`;
  return [
    `${stateText(record.state, paint)}  ${paint('bold', record.dagId)}${time}`,
    ...(record.error === undefined || failed.length > 0
      ? []
      : [`  ${paint('red', errorText(record.error, record.cause))}`]),
    ...failed.slice(0, MOST_FAILED).flatMap((task) => failureLines(task, run, terminal)),
    ...more,
    ...facts,
  ];
}

function failureLines(task: TaskRun, run: EndedRun, { paint }: Terminal): readonly string[] {
  const tries = task.tries.length > 1 ? ` after ${task.tries.length} tries` : '';
  const last = task.tries.at(-1);
  const log = run.logOf(task);
  return [
    `  ${glyphOf('failed', paint)} ${task.id} failed${tries}`,
    ...(last?.error === undefined
      ? []
      : errorText(last.error, last.cause)
          .split('\n')
          .map((line) => `      ${paint('red', line)}`)),
    ...(log === undefined ? [] : [`      ${paint('gray', relative('.', log))}`]),
  ];
}

function errorText(error: string, cause: string | undefined): string {
  return cause === undefined || cause === '' ? error : `${error}: ${clip(cause, 1000)}`;
}

function factsOf({ record, tasks, data }: EndedRun): readonly (readonly [string, string])[] {
  const { run } = record.input;
  const interval =
    run.interval.start === run.interval.end
      ? run.interval.start
      : `${run.interval.start} to ${run.interval.end}`;
  return [
    ['run', record.id],
    ['interval', `${run.interval.date} (${interval})`],
    ['tasks', countByState(tasks)],
    ...(record.simulated.length === 0
      ? []
      : [['simulated', clip(record.simulated.join(', '), 100)] as const]),
    ...(data.length === 0 ? [] : [['data', data.map((path) => relative('.', path)).join(', ')] as const]),
    ['next', `tutti logs ${record.id}`],
    ...(record.state === 'success'
      ? []
      : [['', `tutti run ${record.dagId} --logical-date ${run.interval.date}`] as const]),
  ];
}

function countByState(tasks: readonly TaskRun[]): string {
  const plain = (_: unknown, text: string) => text;
  const by = Map.groupBy(tasks, (task) => task.state);
  return [...by].map(([state, { length }]) => `${length} ${stateText(state, plain).slice(2)}`).join(', ');
}
