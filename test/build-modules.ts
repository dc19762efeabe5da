/** Builders for tests: maps, groups with retries and loops of a case, and what is read across their borders. */

import type { Json, JsonObject } from '../lib/base/json.ts';
import type { GroupNode } from '../lib/model/dag.ts';
import type { MapNode, ModuleKind } from '../lib/model/module.ts';
import type { Expression, Operand, Path } from '../lib/model/ref.ts';
import type { Edge, RetryRule } from '../lib/model/task.ts';
import { TRIGGER_RULES, type TriggerRule } from '../lib/model/trigger-rule.ts';
import type { Case, CaseModule, CaseRetry } from './reference/case.ts';
import { listFrom, mapAround, placeOf } from './reference/instances.ts';
import { isLoop, mapsLeft } from './reference/outputs.ts';
import type { Nesting } from './reference/scope.ts';

type Ref = { readonly $ref: Expression };

/** Plain groups and modules, outer before inner, with the tasks directly in each. */
export function groupsOf(
  input: Case,
  nesting: Nesting,
  edge: (above: string, id: string) => Edge,
): readonly GroupNode[] {
  const { tasks, modules = [] } = input;
  const ids = new Set(modules.map(({ id }) => id));
  for (const { group } of tasks) {
    const names = group?.split('.') ?? [];
    for (const depth of names.keys()) ids.add(names.slice(0, depth + 1).join('.'));
  }
  const sorted = [...ids].sort((a, b) => a.length - b.length);
  const innermost = (id: string) => sorted.findLast((group) => id.startsWith(`${group}.`));
  return sorted.map((id): GroupNode => {
    const module = modules.find((each) => each.id === id && each.kind !== 'group');
    const inside = tasks.map((task) => task.id).filter((task) => innermost(task) === id);
    if (module === undefined) return { id, tasks: inside };
    const upstream = (module.upstream ?? []).map((above) => edge(above, id));
    return {
      id,
      tasks: inside,
      module: { does: doesOf(nesting, module), upstream, triggerRule: ruleOf(module) },
    };
  });
}

function doesOf(nesting: Nesting, module: CaseModule): ModuleKind {
  if (module.kind === 'map') return { kind: 'map', ...mapOf(nesting, module.id) };
  if (module.kind === 'retry') return { kind: 'retry', retries: retryOf(module.retries ?? { attempts: 0 }) };
  return loopOf(nesting, module);
}

function loopOf(nesting: Nesting, { id, loop }: CaseModule): ModuleKind {
  const { task, initial, bare, maxIterations = 1 } = loop ?? {};
  const first: Json = initial === undefined ? 'nobody' : read(nesting, id, initial);
  const last: Json = task === undefined ? 'nobody' : output(nesting, task, ['deep', 'id']);
  const said: Ref =
    task === undefined
      ? param(untilName(nesting, id))
      : output(nesting, task, ['done', placeOf(nesting, id)]);
  return {
    kind: 'loop',
    initial: { fixed: true, last: first },
    next: { fixed: true, last },
    until: bare || task === undefined ? said : { $ref: { kind: 'call', op: 'eq', args: [said, true] } },
    maxIterations,
  };
}

export function mapOf(nesting: Nesting, id: string): MapNode {
  const map = nesting.modules.find((module) => module.id === id);
  if (map === undefined) throw new Error(`${id} is no map`);
  const { list, concurrency, tolerate } = map;
  return {
    items: itemsOf(nesting, map),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(tolerate === undefined ? {} : { tolerate }),
    ...(list?.label ? { label: { $ref: { kind: 'item', of: id, path: itemPath(nesting, map) } } } : {}),
    ...(list?.maxItems === undefined ? {} : { maxItems: list.maxItems }),
  };
}

function itemsOf(nesting: Nesting, map: CaseModule): Operand {
  const { from, task = '' } = map.list ?? { from: 'constant' };
  if (from === 'constant') return listFrom(nesting, map, map.id);
  if (from === 'param') return param(listName(nesting, map.id));
  if (from === 'item') {
    const of = mapAround(nesting, map.id)?.id ?? '';
    return { $ref: { kind: 'item', of, path: ['parts', placeOf(nesting, map.id)] } };
  }
  return output(
    nesting,
    task,
    mapsLeft(nesting, outside(nesting, map.id), task) > 0 ? [] : ['lists', placeOf(nesting, map.id)],
  );
}

/** What tells an item from others: who gave it. */
export function itemPath(nesting: Nesting, { id, list }: CaseModule): Path {
  const isOutput = list?.task !== undefined && mapsLeft(nesting, outside(nesting, id), list.task) > 0;
  return isOutput ? [...given(nesting, list.task), 'deep', 'id'] : ['id'];
}

/** Modules around a module. */
function outside({ around }: Nesting, id: string): readonly CaseModule[] {
  return around(id).filter((module) => module.id !== id);
}

/** Lists given by params, and conditions of loops. */
export function listParams(nesting: Nesting): JsonObject {
  const lists = nesting.modules.filter(({ list }) => list?.from === 'param');
  const loops = nesting.modules.filter(({ kind, loop }) => kind === 'loop' && loop?.task === undefined);
  return Object.fromEntries([
    ...lists.map((map) => [listName(nesting, map.id), listFrom(nesting, map, `param ${map.id}`)] as const),
    ...loops.map(({ id, loop }) => [untilName(nesting, id), loop?.untilAt === 1] as const),
  ]);
}

function listName(nesting: Nesting, id: string): string {
  return `list_${nesting.modules.findIndex((module) => module.id === id)}`;
}

function untilName(nesting: Nesting, id: string): string {
  return `until_${nesting.modules.findIndex((module) => module.id === id)}`;
}

/** What a task, or a loop that begins, reads of another's output: who gave it, or the whole of a list or loop's. */
export function read(nesting: Nesting, id: string, above: string): Ref {
  const path = isLoop(nesting, id) ? outside(nesting, id) : nesting.around(id);
  const isWhole = isLoop(nesting, above) || mapsLeft(nesting, path, above) > 0;
  return output(nesting, above, isWhole ? [] : ['deep', 'id']);
}

/** Item and index of the maps around a task, and what the iteration before gave in the loops. */
export function valuesAround(nesting: Nesting, id: string): readonly (readonly [string, Ref])[] {
  return nesting.around(id).flatMap(({ id: of, kind }): readonly (readonly [string, Ref])[] => {
    if (kind === 'loop') return [[`previous ${of}`, { $ref: { kind: 'previous', of, path: [] } }]];
    if (kind !== 'map') return [];
    return [
      [`item ${of}`, { $ref: { kind: 'item', of, path: [] } }],
      [`index ${of}`, { $ref: { kind: 'index', of } }],
    ];
  });
}

export function isFound(value: Ref): Operand {
  return { $ref: { kind: 'call', op: 'exists', args: [value] } };
}

/** There, be it null: the item of a list in which an instance gave nothing. */
export function isThere(value: Ref): Operand {
  return { $ref: { kind: 'call', op: 'eq', args: [value, value] } };
}

export function param(name: string): Ref {
  return { $ref: { kind: 'param', name, path: [] } };
}

function output(nesting: Nesting, task: string, path: Path): Ref {
  const inside = path.length === 0 ? [] : [...given(nesting, task), ...path];
  return { $ref: { kind: 'output', task, path: inside } };
}

/** Where what a task gives stands in its output. */
function given(nesting: Nesting, task: string): Path {
  return nesting.task(task).engine ? ['output'] : [];
}

export function ruleOf({ triggerRule = 'all_success' }: { readonly triggerRule?: string }): TriggerRule {
  const rule = TRIGGER_RULES.find((name) => name === triggerRule);
  if (rule === undefined) throw new Error(`no trigger rule ${triggerRule}`);
  return rule;
}

export function retryOf({ on, attempts, delaySec, backoff, maxDelaySec }: CaseRetry): RetryRule {
  return {
    ...(on === undefined ? {} : { on: [on] }),
    attempts,
    ...(delaySec === undefined ? {} : { delay: delaySec }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(maxDelaySec === undefined ? {} : { maxDelay: maxDelaySec }),
  };
}
