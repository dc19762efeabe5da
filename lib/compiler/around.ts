/** What the inside of a module sees of what is around it: items, counters, variables, outputs of tasks outside. */
import { literal, member } from '../asl/jsonata.ts';
import type { Path } from '../model/ref.ts';
import { borrowedVariable, fetchedVariable, moduleVariable } from '../model/variables.ts';
import { isGathered } from './apart.ts';
import type { Machine } from './course.ts';
import { fieldName, type Resolve } from './expression.ts';
import { idOf } from './graph.ts';
import { readText } from './outputs.ts';

/** Where the inside of a module stands. */
export interface Around {
  readonly machine: Machine;
  /** The module's number in that machine's graph. */
  readonly module: number;
  /** It runs in executions of its own, which see only the variables they are given. */
  readonly isApart: boolean;
  /** It is one task that reads everything from its state's input. */
  readonly isSingle: boolean;
  /** Variables from further out that are read inside, where it is apart: by their names inside, those around. */
  readonly borrowed: Map<string, string>;
}

/** How a task or module of this machine reads its values. */
export function resolverFor(machine: Machine, reader: number): Resolve {
  return {
    output: (id, path, computed) => outputText(machine, machine, { reader, id, path, computed }),
    item: (of, path) => withPath(ofModule(machine, of, 'i'), path),
    index: (of) => ofModule(machine, of, 'n'),
    previous: (of, path) => withPath(ofModule(machine, of, 'v'), path),
  };
}

function withPath(text: string, path: Path): string {
  return path.reduce<string>(member, text);
}

interface Wanted {
  readonly reader: number;
  readonly id: string;
  readonly path: Path;
  readonly computed: boolean;
}

/** What `reader` reads in `owner`, as text of `machine`, which is that or further in. */
function outputText(machine: Machine, owner: Machine, wanted: Wanted): string | undefined {
  const { graph, values, around } = owner;
  const { reader, id, path, computed } = wanted;
  const task = graph.indexOf.get(id);
  const unit = graph.tasks[task ?? -1];
  if (task === undefined || unit === undefined) {
    return around && outputText(machine, around.machine, { ...wanted, reader: around.module });
  }
  const name = values.variableFor(reader, task) ?? fetchedFor(owner, reader, task);
  if (name === undefined) {
    return computed ? undefined : markerText(machine, owner, { task: id, field: fieldName(path) });
  }
  const given = seen(machine, owner, name);
  return isGathered(unit, wanted, owner.limits)
    ? markerText(machine, owner, { task: id, field: '', items: `${given}.count` })
    : readText(unit, given, id, path);
}

/** The variable into which the record was read before `reader`. */
function fetchedFor({ graph, values }: Machine, reader: number, task: number): string | undefined {
  return values.fetched(reader).includes(task)
    ? fetchedVariable(idOf(graph, reader), idOf(graph, task))
    : undefined;
}

interface Marked {
  readonly task: string;
  readonly field: string;
  /** JSONata text: how many instances gave it. */
  readonly items?: string;
}

/** `{ $output }`: the handler reads it from the record. */
function markerText(machine: Machine, owner: Machine, { task, field, items }: Marked): string {
  const counters = countersOf(machine, owner);
  if (counters.length === 0 && items === undefined) return literal({ $output: { task, field } });
  const instance = counters.length === 0 ? [] : [`"instance": ${instanceOf(counters)}`];
  const count = items === undefined ? [] : [`"items": ${items}`];
  const members = [`"task": ${literal(task)}`, `"field": ${literal(field)}`, ...instance, ...count];
  return `{"$output": {${members.join(', ')}}}`;
}

/** A variable of `owner` as `machine`, which is that or further in, reads it. */
function seen(machine: Machine, owner: Machine, name: string): string {
  const own = nameIn(machine, owner, name);
  const { around } = machine;
  return machine !== owner && around?.isApart && around.isSingle ? `$states.input.vars.${own}` : `$${own}`;
}

/** Its name in `machine`: executions of their own get it under another one, so that no name has two meanings. */
function nameIn(machine: Machine, owner: Machine, name: string): string {
  const { around } = machine;
  if (machine === owner || around === undefined) return name;
  const outside = nameIn(around.machine, owner, name);
  if (!around.isApart) return outside;
  const inside = borrowedVariable(outside);
  around.borrowed.set(inside, outside);
  return inside;
}

/** Fields of a single task's input, by what the variable of a larger inside would hold. */
const FIELDS = { i: 'item', n: 'index', l: 'label' } as const;

/** Item, number, label or last value of the module `of`, in which `machine` stands at any depth. */
function ofModule(machine: Machine, of: string, holds: 'i' | 'n' | 'l' | 'v'): string {
  for (let at: Machine | undefined = machine; at?.around; at = at.around.machine) {
    const { around } = at;
    if (idOf(around.machine.graph, around.module) !== of) continue;
    if (at === machine && around.isSingle && holds !== 'v') return `$states.input.${FIELDS[holds]}`;
    return seen(machine, at, moduleVariable(holds, of));
  }
  throw new Error(`unreachable: nothing here stands in "${of}"`);
}

/** Counters of the modules around `owner`, outermost first, as text of `machine`. */
function countersOf(machine: Machine, owner: Machine): readonly string[] {
  const counters: string[] = [];
  for (let at: Machine | undefined = owner; at?.around; at = at.around.machine) {
    counters.unshift(ofModule(machine, idOf(at.around.machine.graph, at.around.module), 'n'));
  }
  return counters;
}

function instanceOf(counters: readonly string[], between = '.'): string {
  return counters.map((counter) => `$string(${counter})`).join(` & ${literal(between)} & `);
}

/** JSONata text of which run of its task an instance is, with a hyphen where names take no dot; outside of modules none. */
export function instanceText(machine: Machine): string | undefined {
  const counters = countersOf(machine, machine);
  return counters.length === 0 ? undefined : instanceOf(counters, '-');
}

/** Text that appends the counters of the modules around to a key; nothing where there are none. */
export function countersAt(machine: Machine): string {
  return countersOf(machine, machine)
    .map((counter) => ` & "#" & $string(${counter})`)
    .join('');
}

/** Which run of its task an instance is, for its handler; empty outside of modules. */
export function instanceFields(machine: Machine): Readonly<Record<string, string>> {
  const counters = countersOf(machine, machine);
  if (counters.length === 0) return {};
  return { instance: instanceOf(counters), ...mapFields(machine) };
}

/** Place and label of the innermost map around. */
function mapFields(machine: Machine): Readonly<Record<string, string>> {
  for (let at: Machine | undefined = machine; at?.around; at = at.around.machine) {
    const unit = at.around.machine.graph.tasks[at.around.module];
    if (unit?.inside?.does.kind !== 'map') continue;
    const mapIndex = ofModule(machine, unit.id, 'n');
    if (unit.inside.does.label === undefined) return { mapIndex };
    return { mapIndex, label: ofModule(machine, unit.id, 'l') };
  }
  return {};
}
