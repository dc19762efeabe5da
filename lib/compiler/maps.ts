/** Mapped tasks and groups: one Map state. */
import { expr, literal, member } from '../asl/jsonata.ts';
import { MAX_INLINE_CONCURRENCY } from '../asl/limits.ts';
import type { Branch, MapState, PassState } from '../asl/states.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { MAX_MAP_ITEMS, type MapNode } from '../model/module.ts';
import { moduleVariable } from '../model/variables.ts';
import { isApart, isGathered, mostItems } from './apart.ts';
import { type Around, resolverFor } from './around.ts';
import type { Course, Machine } from './course.ts';
import { firstState } from './entry.ts';
import { evaluating, operandText, type Resolve, valueField } from './expression.ts';
import { idOf } from './graph.ts';
import { codeText, exportsText, leftBehind, recording } from './instances.ts';
import { dataAt, leading } from './leading.ts';
import { leave } from './leave.ts';
import { isSingle } from './machine.ts';
import type { LowerInside } from './modules.ts';
import { auxiliary } from './names.ts';
import { catchAll } from './tasks.ts';

export interface MapModule {
  readonly position: number;
  readonly module: number;
  readonly does: MapNode;
}

export function mapStates(course: Course, map: MapModule, lowerInside: LowerInside): void {
  const { position, module, does } = map;
  const { machine } = course;
  const scope = machine.graph.tasks[module]?.inside?.scope;
  const id = idOf(machine.graph, module);
  const around: Around = {
    machine,
    module,
    isApart: isApart(does, machine.limits),
    isSingle: scope !== undefined && isSingle(scope),
    borrowed: new Map(),
  };
  const { machine: inside, branch } = lowerInside(around, around.isSingle ? '{}' : '$states.input');
  const data = dataAt(course, position);
  const failed = leave(course, course.facts.exit(new Map([[id, 'f']]), false), position + 1);
  const after = leave(course, course.facts.exit(new Map([[id, '?']])), position + 1);
  const way = recording(course, module, after);
  const status = `($s := ${statusText(inside, does)}; $exists($s) ? $merge([${data}, {${literal(id)}: $s}]) : ${data})`;
  const name = firstState(machine.graph, module);
  machine.roles.set(name, 'map');
  machine.hints.set(name, { items: mostItems(does) ?? MAX_MAP_ITEMS });
  machine.owners.set(name, { module: id });
  course.states[name] = {
    Type: 'Map',
    ...itemsOf(course, map, around),
    ...concurrencyOf(does, around),
    ItemProcessor: {
      ProcessorConfig: around.isApart
        ? { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }
        : { Mode: 'INLINE' },
      ...(around.isSingle ? branch : entered(inside, around, branch)),
    },
    Catch: [catchAll(course, failed, data)],
    ...leading(course, way, status, leftBehind(course, module, listText(machine, module))),
  };
}

function concurrencyOf({ concurrency }: MapNode, { isApart }: Around): Pick<MapState, 'MaxConcurrency'> {
  if (concurrency === undefined) return {};
  return { MaxConcurrency: isApart ? concurrency : Math.min(concurrency, MAX_INLINE_CONCURRENCY) };
}

/** The list, refused where it is none or too long, and what each instance begins with. */
function itemsOf(
  course: Course,
  { module, does }: MapModule,
  around: Around,
): Pick<MapState, 'Items' | 'ItemSelector'> {
  const { machine } = course;
  const id = idOf(machine.graph, module);
  const resolve = resolverFor(machine, module);
  const max = does.maxItems ?? MAX_MAP_ITEMS;
  const list = operandText(does.items, resolve);
  const refused = literal(`Dag.NotAList: "${id}" must be mapped over a list of at most ${max} items`);
  const selector: Record<string, Json> = {
    ...(around.isApart ? { run: expr(`${EXECUTION}.run`), params: expr(`${EXECUTION}.params`) } : {}),
    item: expr(`${ITEM}.Value`),
    index: expr(`${ITEM}.Index`),
    ...labelOf(does, id, resolve),
    ...borrowedOf(around),
  };
  return {
    Items: Array.isArray(does.items)
      ? valueField(does.items, evaluating(resolve))
      : expr(`($l := ${list}; $type($l) = "array" and $count($l) <= ${max} ? $l : $error(${refused}))`),
    ItemSelector: selector,
  };
}

const EXECUTION = '$states.context.Execution.Input';

const ITEM = '$states.context.Map.Item';

/** What a person calls the instance: read of the item while it is still the Map's. */
function labelOf({ label }: MapNode, id: string, resolve: Resolve): JsonObject {
  if (label === undefined) return {};
  const own: Resolve = {
    ...resolve,
    item: (of, path) => (of === id ? path.reduce<string>(member, `${ITEM}.Value`) : resolve.item(of, path)),
    index: (of) => (of === id ? `${ITEM}.Index` : resolve.index(of)),
  };
  const text = operandText(label, own);
  return { label: expr(`($exists(${text}) ? $string(${text}) : "")`) };
}

/** Variables from further out, for an inside that cannot see them. */
function borrowedOf({ borrowed }: Around): JsonObject {
  if (borrowed.size === 0) return {};
  const vars = [...borrowed].map(([inside, outside]) => `${literal(inside)}: $${outside}`);
  return { vars: expr(`{${vars.join(', ')}}`) };
}

/** A larger inside keeps what it begins with in variables, and begins its state data. */
function entered(
  machine: Machine,
  { module, machine: outer, borrowed }: Around,
  { StartAt, States }: Branch,
): Branch {
  const unit = outer.graph.tasks[module];
  const id = unit?.id ?? '';
  const label = unit?.inside?.does.kind === 'map' && unit.inside.does.label !== undefined;
  const kept: PassState = {
    Type: 'Pass',
    Assign: {
      [moduleVariable('i', id)]: expr('$states.input.item'),
      [moduleVariable('n', id)]: expr('$states.input.index'),
      ...(label ? { [moduleVariable('l', id)]: expr('$states.input.label') } : {}),
      ...Object.fromEntries([...borrowed.keys()].map((name) => [name, expr(`$states.input.vars.${name}`)])),
    },
    Output: {},
    Next: StartAt,
  };
  const enter = auxiliary(id, 'enter');
  machine.roles.set(enter, 'enter an instance');
  return { StartAt: enter, States: { [enter]: kept, ...States } };
}

/** JSONata text of the whole's code; nothing where it succeeded. */
function statusText(inside: Machine, { tolerate = 0 }: MapNode): string {
  const codes = `$codes := ${codesText(inside)}`;
  const failed = '$count($codes[$ = "f" or $ = "u"])';
  const tooMany =
    typeof tolerate === 'number'
      ? `${failed} > ${tolerate}`
      : `${failed} * 100 > ${Number.parseFloat(tolerate)} * $count($states.result)`;
  return `(${codes}; ${tooMany} ? "f" : $count($codes[$ = "k"]) = $count($states.result) ? "k")`;
}

/** JSONata text of the codes of those instances that did not succeed: thousands of one task's are read at once. */
function codesText(inside: Machine): string {
  const [leaf, ...others] = inside.deciding;
  if (leaf !== undefined && others.length === 0) return member('$states.result', leaf);
  return `$states.result.($d := $; ${codeText(inside, '$d')})`;
}

/** JSONata text of what the instances gave, one entry for each; objects, so that lists do not melt together. */
function listText({ graph, values, limits }: Machine, module: number): string {
  const unit = graph.tasks[module];
  const reads = values.wantInside(module);
  const gathered = reads.filter((read) => unit !== undefined && isGathered(unit, read, limits)).length;
  const list = `"list": [$map($states.result, function($r) { {"v": ${exportsText('$r')}} })]`;
  const count = '"count": $count($states.result)';
  const members = [...(gathered < reads.length ? [list] : []), ...(gathered > 0 ? [count] : [])];
  return `{${members.join(', ')}}`;
}
