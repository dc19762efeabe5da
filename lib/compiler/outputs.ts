/** What tasks inside modules gave, read from outside. */
import { member } from '../asl/jsonata.ts';
import type { Path } from '../model/ref.ts';
import { fieldName } from './expression.ts';
import type { Scope, Unit } from './scopes.ts';

/**
 * JSONata text of a value given by a task or loop (`id`) that is or stands in `unit`, whose variable is `from`.
 *
 * A task's variable holds its wanted fields by name. A module's holds by id the variables of what stands in it; of a
 * map a `list` of these, one for each instance.
 */
export function readText(unit: Unit, from: string, id: string, path: Path): string {
  const { inside } = unit;
  if (inside === undefined) return member(from, fieldName(path));
  if (inside.does.kind === 'map') {
    return path.reduce<string>(member, `($exists(${from}.list) ? $parse(${listText(unit, from, id, 0)}))`);
  }
  if (id === unit.id) return path.reduce<string>(member, member(from, id));
  const inner = unitIn(inside.scope, id);
  return readText(inner, member(from, inner.id), id, path);
}

/** JSON text of what every instance of a map gave; `null` where one gave nothing. */
function listText(unit: Unit, from: string, id: string, depth: number): string {
  const each = `$e${depth}`;
  const inner = unitIn(unit.inside?.scope, id);
  const one = jsonText(inner, member(`${each}.v`, inner.id), id, depth + 1);
  return `"[" & $join($map(${from}.list, function(${each}) { ${one} }), ",") & "]"`;
}

/** JSON text of one instance's value: lists in lists would melt together as values. */
function jsonText(unit: Unit, from: string, id: string, depth: number): string {
  if (unit.inside?.does.kind === 'map') {
    return `($exists(${from}.list) ? ${listText(unit, from, id, depth)} : "null")`;
  }
  const value = readText(unit, from, id, []);
  // $string leaves a text as it is: inside an object it is written as JSON.
  const written = `($s := $string({"v": ${value}}); $substring($s, 5, $length($s) - 6))`;
  return `($exists(${value}) ? ${written} : "null")`;
}

function unitIn(scope: Scope | undefined, id: string): Unit {
  const unit = scope?.unitOf.get(id);
  if (unit === undefined) throw new Error(`unreachable: nothing inside is or holds "${id}"`);
  return unit;
}
