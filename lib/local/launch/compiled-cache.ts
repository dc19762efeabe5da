import { RecentMap } from '../../base/recent-map.ts';
import { type Compiled, compile, compileRerun } from '../../compiler/compile.ts';
import type { DagNode } from '../../model/dag.ts';
import type { DagVersion } from '../../model/dag-version.ts';
import type { Rerun } from '../../model/run-input.ts';

/** Machines kept: a compiled one of a thousand tasks is a few megabytes. */
const MAX_KEPT = 64;

/** Machines by version and by what of it runs again: a backfill compiles its DAG once. */
export class CompiledCache {
  readonly #kept = new RecentMap<string, Compiled>(MAX_KEPT);

  /** @throws {DefinitionError} when the DAG has mistakes */
  get(dag: DagNode, version: DagVersion, rerun: Rerun | undefined): Compiled {
    const key = JSON.stringify([dag.id, version.manifest.hash, rerun?.tasks, rerun?.data]);
    const compiled =
      this.#kept.get(key) ??
      (rerun === undefined
        ? compile(dag)
        : compileRerun(dag, { manifest: this.get(dag, version, undefined).manifest, rerun }));
    this.#kept.set(key, compiled);
    return compiled;
  }
}
