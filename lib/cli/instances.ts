/** Instances of tasks in maps, group retries and loops, as a person names and counts them. */
import type { Instance, TaskInstance, TaskRun } from '../history/task-run.ts';
import { isFinal } from './glyphs.ts';

type Counted = Pick<TaskRun, 'instances' | 'items'>;

/** `12/40 done, 1 failed` of a map, `try 2 of its group`, `iteration 3`; `''` for what comes to its turn once. */
export function instancesText({ instances = [], items }: Counted): string {
  const last = instances.at(-1);
  if (items === undefined && last?.mapIndex === undefined) return roundText(last);
  const counted = items === undefined ? instances : instances.filter((run) => isOfLast(run, last));
  const done = counted.filter(({ state }) => isFinal(state)).length;
  const bad = counted.filter(isBad).length;
  const failed = bad === 0 ? '' : `, ${bad} failed`;
  return `${done}/${items ?? counted.length} done${failed}`;
}

/** Earlier tries and iterations of what is around a map do not count. */
function isOfLast({ groupTry, iteration }: Instance, last: Instance | undefined): boolean {
  return groupTry === last?.groupTry && iteration === last?.iteration;
}

function roundText(last: Instance | undefined): string {
  if (last?.iteration !== undefined) return `iteration ${last.iteration}`;
  return last?.groupTry === undefined || last.groupTry === 1 ? '' : `try ${last.groupTry} of its group`;
}

/** True of one that failed, or had to do without what failed above it. */
export function isBad({ state }: Pick<TaskInstance, 'state'>): boolean {
  return state === 'failed' || state === 'upstream_failed';
}

/** `load[3]`, with what a person calls it `load[3] (eu)`. */
export function instanceName(task: string, { instance, label }: Instance): string {
  return `${task}[${instance}]${label === undefined || label === '' ? '' : ` (${label})`}`;
}

export interface Selection {
  readonly task: string;
  /** Counters, `3` or `2.0`, or a label. */
  readonly instance?: string;
}

/** `load[3]` → the task and which instance is meant. */
export function selectionOf(text: string): Selection {
  const [, task, instance] = /^([^[\]]+)\[(.*)\]$/.exec(text) ?? [];
  return task === undefined || instance === undefined ? { task: text } : { task, instance };
}

/** Whether the instance is meant by these counters or this label. */
export function isMeant(run: Instance, wanted: string): boolean {
  return run.instance === wanted || run.label === wanted;
}
