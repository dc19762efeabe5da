import type { Manifest, ManifestModule, ManifestTask } from '../model/manifest.ts';
import { decidingTasks } from '../model/run-state.ts';

/** What stands in a scope: tasks and modules. */
export type Unit = Pick<ManifestTask | ManifestModule, 'id' | 'upstream' | 'heldBy' | 'triggerRule'> &
  Pick<ManifestTask, 'failRun'> & { readonly isModule: boolean };

/** The parts of a manifest by the module they stand in. */
export interface Units {
  /** Upstream first. */
  readonly in: (module: string | undefined) => readonly Unit[];
  /** Ids of the units whose states decide an instance of the module. */
  readonly leavesOf: (module: string) => readonly string[];
  readonly module: (id: string) => ManifestModule | undefined;
  /** The modules around a task or a module, outermost first. */
  readonly around: (module: string | undefined) => readonly string[];
}

export function unitsOf({ tasks, modules = [] }: Manifest): Units {
  const byModule = Map.groupBy(
    [
      ...tasks.map((task) => ({ unit: { ...task, isModule: false }, module: task.module })),
      ...modules.map((module) => ({ unit: { ...module, isModule: true }, module: module.module })),
    ],
    ({ module }) => module,
  );
  const sorted = new Map(
    [...byModule].map(([module, members]) => [module, upstreamFirst(members.map(({ unit }) => unit))]),
  );
  const byId = new Map(modules.map((module) => [module.id, module]));
  const within = (module: string | undefined) => sorted.get(module === '' ? undefined : module) ?? [];
  const leaves = new Map<string, readonly string[]>();
  return {
    in: within,
    leavesOf(module) {
      const known = leaves.get(module);
      if (known !== undefined) return known;
      const found = decidingTasks({ runState: 'leaves', tasks: within(module) });
      leaves.set(module, found);
      return found;
    },
    module: (id) => byId.get(id),
    around(module) {
      const path: string[] = [];
      for (let at = module; at !== undefined; at = byId.get(at)?.module) path.unshift(at);
      return path;
    },
  };
}

/** A unit comes as soon as the last one it waits for has come. */
function upstreamFirst(units: readonly Unit[]): readonly Unit[] {
  const ids = new Set(units.map(({ id }) => id));
  const waits = new Map(units.map((unit) => [unit.id, waitsFor(unit, ids)]));
  const below = Map.groupBy(
    units.flatMap((unit) => [...(waits.get(unit.id) ?? [])].map((above) => ({ above, unit }))),
    ({ above }) => above,
  );
  const sorted = units.filter(({ id }) => waits.get(id)?.size === 0);
  // Grows while it is walked.
  for (const { id } of sorted) {
    for (const { unit } of below.get(id) ?? []) {
      const left = waits.get(unit.id);
      left?.delete(id);
      if (left?.size === 0) sorted.push(unit);
    }
  }
  return sorted;
}

function waitsFor({ upstream, heldBy = [] }: Unit, ids: ReadonlySet<string>): Set<string> {
  return new Set([...upstream.map(({ task }) => task), ...heldBy].filter((id) => ids.has(id)));
}
