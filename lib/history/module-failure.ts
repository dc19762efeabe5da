/** Why a map or a loop failed though nothing in it did: the machine itself decides that, and calls nothing that tells. */
import type { Manifest, ManifestModule } from '../model/manifest.ts';
import { MAX_MAP_ITEMS } from '../model/module.ts';
import type { ModuleRun } from './task-run.ts';

export interface ModuleFailure {
  readonly id: string;
  readonly endMs?: number;
  readonly why: string;
}

/** The modules of a run that failed so; of a module in a map each run of it once. */
export function moduleFailures(
  { modules = [] }: Pick<Manifest, 'modules'>,
  runs: readonly ModuleRun[],
): readonly ModuleFailure[] {
  return runs.flatMap((run) => {
    const module = modules.find(({ id }) => id === run.id);
    // What was not run again failed in the run before.
    const failed = run.state === 'failed' && run.masked !== true;
    const why = module && failed ? whyOf(module, run) : undefined;
    if (why === undefined) return [];
    return [{ id: run.id, why, ...(run.endMs === undefined ? {} : { endMs: run.endMs }) }];
  });
}

function whyOf(module: ManifestModule, { instances }: ModuleRun): string | undefined {
  const { kind, items = 'what it maps', maxItems = MAX_MAP_ITEMS, until, maxIterations = 0 } = module;
  const last = instances.at(-1);
  if (kind === 'map' && last === undefined) {
    const most = maxItems.toLocaleString('en-US');
    return `${items} must be a list of at most ${most} items, got something else; give such a list`;
  }
  if (kind !== 'loop' || last?.state !== 'success') return undefined;
  if (last.iteration === maxIterations)
    return `Dag.LoopLimit: "${until}" must hold after at most ${maxIterations} iterations, got none; raise maxIterations`;
  return `"${until}" must be true or false, got something else; use a condition: not(…), eq(…), exists(…)`;
}
