/** Builders for tests: what the tasks of a case do, instance by instance. */

import type { Script, ScriptedTry } from '../lib/local/script.ts';
import type { TaskEvent } from '../lib/model/run-input.ts';
import type { Case, CaseItem, CaseTask } from './reference/case.ts';
import { itemOf, outputOf } from './reference/instances.ts';
import { nestingOf } from './reference/scope.ts';
import { NOT_READY, tryOf } from './reference/tries.ts';

/** Each task run counts its own tries: a machine counts looks of a sensor as it likes. */
export function scriptOf(input: Case, again: boolean): Script {
  const nesting = nestingOf(input);
  const calls = new Map<string, number>();
  return (event) => {
    const task = nesting.task(event.task);
    const counters = countersOf(event);
    const key = `${event.task}#${event.instance ?? ''}`;
    const looks = (calls.get(key) ?? 0) + 1;
    calls.set(key, looks);
    const item = itemOf(task, counters, again);
    const given = outputOf(nesting, task.id, counters, again);
    const number = task.kind === 'sensor' ? looks : event.try;
    const found = {
      ...chosenIn(task, item),
      output: task.engine ? { output: given } : given,
    };
    const one = tryOf(item, number);
    return { ...found, ...one, ...(one.error === NOT_READY ? { outcome: 'notReady' as const } : {}) };
  };
}

/** What a brancher and a short circuit say. */
function chosenIn(task: CaseTask, item: CaseItem): ScriptedTry {
  if (task.kind === 'branch') return { labels: item.chooses ?? task.chooses ?? [] };
  return task.kind === 'shortCircuit' ? { pass: item.condition ?? task.condition ?? true } : {};
}

export function countersOf({ instance }: TaskEvent): readonly number[] {
  return instance === undefined ? [] : instance.split('.').map(Number);
}
