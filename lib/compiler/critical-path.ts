/** The way through a DAG that takes longest: no run can be shorter. */
import type { Manifest } from '../model/manifest.ts';
import { isEarly } from '../model/trigger-rule.ts';

export interface CriticalPath {
  readonly seconds: number;
  /** In the order they run. */
  readonly tasks: readonly { readonly id: string; readonly seconds: number }[];
}

/** A task or a module, with what it waits for in its scope. */
interface Unit {
  readonly module: string | undefined;
  readonly upstream: readonly string[];
  readonly early: boolean;
}

interface Way {
  readonly endSec: number;
  readonly last: string | undefined;
}

/**
 * The longest way, where every task takes `secondsOf` it and nothing else takes time: modules run once, all instances of
 * a map at the same time.
 */
export function criticalPath(manifest: Manifest, secondsOf: (task: string) => number): CriticalPath {
  const { tasks, modules = [] } = manifest;
  const units = new Map<string, Unit>([
    ...modules.map((module) => [moduleKey(module.id), unitOf(module)] as const),
    ...tasks.map((task) => [task.id, unitOf(task)] as const),
  ]);
  const inside = Map.groupBy(units, ([, { module }]) => module);
  const before = new Map<string, string | undefined>();
  const ends = new Map<string, Way>();
  const keyOf = (id: string, scope: string | undefined) =>
    units.get(moduleKey(id)) !== undefined && units.get(moduleKey(id))?.module === scope ? moduleKey(id) : id;

  const startOf = ({ upstream, early, module }: Unit): Way => {
    const ways = upstream.map((id) => endOf(keyOf(id, module)));
    const around = module === undefined ? START : startOf(units.get(moduleKey(module)) ?? NOWHERE);
    if (early && ways.length > 0) return later(around, ways.reduce(earlier));
    return ways.reduce(later, around);
  };
  const endOf = (key: string): Way => {
    const known = ends.get(key);
    if (known !== undefined) return known;
    const unit = units.get(key) ?? NOWHERE;
    const way = key.startsWith(MODULE)
      ? (inside.get(key.slice(MODULE.length)) ?? [])
          .map(([member]) => endOf(member))
          .reduce(later, startOf(unit))
      : ending(key, startOf(unit));
    ends.set(key, way);
    return way;
  };
  const ending = (id: string, start: Way): Way => {
    before.set(id, start.last);
    return { endSec: start.endSec + secondsOf(id), last: id };
  };

  const end = [...units.keys()].map(endOf).reduce(later, START);
  const path: string[] = [];
  for (let at = end.last; at !== undefined; at = before.get(at)) path.unshift(at);
  return { seconds: end.endSec, tasks: path.map((id) => ({ id, seconds: secondsOf(id) })) };
}

const MODULE = 'module ';
const START: Way = { endSec: 0, last: undefined };
const NOWHERE: Unit = { module: undefined, upstream: [], early: false };

function moduleKey(id: string): string {
  return MODULE + id;
}

function unitOf({ module, upstream, heldBy = [], triggerRule }: Manifest['tasks'][number]): Unit {
  return {
    module,
    upstream: [...upstream.map(({ task }) => task), ...heldBy],
    early: isEarly(triggerRule),
  };
}

function later(a: Way, b: Way): Way {
  return b.endSec > a.endSec ? b : a;
}

function earlier(a: Way, b: Way): Way {
  return b.endSec < a.endSec ? b : a;
}
