/** How a task goes in one of its instances, and what it gives there. */
import type { Json, JsonObject } from '../../lib/base/json.ts';
import type { CaseItem, CaseModule, CaseTask } from './case.ts';
import type { Nesting } from './scope.ts';

/** Counters of the modules around, outermost first: a map's index from 0, a group's try and a loop's iteration from 1. */
export type Counters = readonly number[];

/** `load`, `load#2.0`. */
export function keyOf(id: string, counters: Counters): string {
  return counters.length === 0 ? id : `${id}#${counters.join('.')}`;
}

/** What the task does there: `runs` in turn, by a number that tells nearby instances apart. */
export function itemOf(task: CaseTask, counters: Counters, again: boolean): CaseItem {
  if (again && task.again !== undefined) return task.again;
  const { runs = [] } = task;
  const number = counters.reduce((sum, counter) => sum * 3 + counter, 0);
  return runs[number % runs.length] ?? task;
}

/** What a run of the task gives where it ends well: who gave it, what loops ask for, and lists for maps. */
export function outputOf(nesting: Nesting, id: string, counters: Counters, again: boolean): JsonObject {
  const tag = `${keyOf(id, counters)}${again ? ' again' : ''}`;
  const around = nesting.around(id);
  const loops = around.flatMap(({ id: module, loop }, depth) => {
    if (loop === undefined || loop.task !== id) return [];
    const holds = counters[counters.length - around.length + depth] === loop.untilAt;
    return [[placeOf(nesting, module), loop.broken ? String(holds) : holds] as const];
  });
  const lists = nesting.modules.filter(({ list }) => list?.from === 'output' && list.task === id);
  return {
    deep: { id: tag },
    done: Object.fromEntries(loops),
    lists: Object.fromEntries(lists.map((map) => [placeOf(nesting, map.id), listFrom(nesting, map, tag)])),
  };
}

/** The list of a map: items named after where it comes from, with the lists of maps inside that go over a part of it. */
export function listFrom(nesting: Nesting, map: CaseModule, origin: string): Json {
  if (map.list?.broken) return 'no list';
  return Array.from({ length: map.count ?? 0 }, (_, index) => itemFrom(nesting, map, `${origin}/${index}`));
}

function itemFrom(nesting: Nesting, map: CaseModule, id: string): JsonObject {
  const inside = nesting.modules.filter(
    (inner) => inner.list?.from === 'item' && mapAround(nesting, inner.id)?.id === map.id,
  );
  return {
    id,
    parts: Object.fromEntries(
      inside.map((inner) => [placeOf(nesting, inner.id), listFrom(nesting, inner, id)]),
    ),
  };
}

/** Key of what a module is given: names of fields are joined by dots, which its id may have. */
export function placeOf({ modules }: Nesting, id: string): string {
  return `m${modules.findIndex((module) => module.id === id)}`;
}

/** The innermost map around a module. */
export function mapAround({ around }: Nesting, id: string): CaseModule | undefined {
  return around(id).findLast((module) => module.kind === 'map' && module.id !== id);
}
