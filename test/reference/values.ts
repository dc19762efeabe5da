import type { TaskEvent } from '../../lib/model/run-input.ts';
import type { Case, CaseResult, CaseTask } from './case.ts';

/** What a task was given although it could not be, or not given although it was there; `undefined` when all is well. */
export function misread(input: Case, expected: CaseResult, tries: readonly TaskEvent[]): string | undefined {
  const byId = new Map(input.tasks.map((task) => [task.id, task]));
  return tries.flatMap((event) => misreads(event, byId.get(event.task), expected))[0];
}

function misreads(event: TaskEvent, task: CaseTask | undefined, expected: CaseResult): readonly string[] {
  return (task?.reads ?? []).flatMap((read) => {
    const got = Object.hasOwn(event.args ?? {}, read) ? event.args?.[read] : undefined;
    const there = task === undefined ? 'no' : isThere(task, read, expected);
    const isRight = got === undefined ? there !== 'yes' : got === read && there !== 'no';
    return isRight ? [] : [`task ${event.task} try ${event.try} reads ${read}: there ${there}, got ${got}`];
  });
}

/** Whether the output was there when the reader started; `maybe` where both happened at once, or since then. */
function isThere(
  { id, upstream = [], triggerRule }: CaseTask,
  read: string,
  { tasks }: CaseResult,
): 'yes' | 'no' | 'maybe' {
  const { state, endSec = 0 } = tasks[read] ?? {};
  const { startSec = 0 } = tasks[id] ?? {};
  if (state !== 'success') return 'no';
  if (endSec < startSec) return 'yes';
  const waits = upstream.includes(read) && !EARLY.has(triggerRule ?? '');
  return waits ? 'yes' : 'maybe';
}

const EARLY: ReadonlySet<string> = new Set(['one_success', 'one_failed', 'one_done', 'always']);
