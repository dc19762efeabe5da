import type { DagNode } from '../../model/dag.ts';
import type { DagVersion } from '../../model/dag-version.ts';

/** Versions between which others get a turn: a project of hundreds of DAGs takes a while. */
const AT_ONCE = 8;

/** The code of this process, by version: what an execution of a run needs. Versions stay, for runs that have them. */
export class Code {
  readonly #dags = new Map<string, DagNode>();
  readonly #versions = new WeakMap<DagNode, DagVersion>();

  /** A DAG of this version with its functions. */
  readonly of = (dagId: string, hash: string): DagNode | undefined => this.#dags.get(`${dagId} ${hash}`);

  /**
   * What is registered of DAGs.
   *
   * @throws {DefinitionError} never: one that does not compile is told to `onMistake`, and left out
   */
  async versions(
    dags: readonly DagNode[],
    onMistake: (dag: DagNode, error: unknown) => void,
  ): Promise<readonly DagVersion[]> {
    const { compile } = await import('../../compiler/compile.ts');
    const found: DagVersion[] = [];
    let made = 0;
    for (const dag of dags) {
      const known = this.#versions.get(dag);
      try {
        const version = known ?? { dag, manifest: compile(dag).manifest };
        this.#versions.set(dag, version);
        this.#dags.set(`${dag.id} ${version.manifest.hash}`, dag);
        found.push(version);
      } catch (error) {
        onMistake(dag, error);
      }
      if (known === undefined && ++made % AT_ONCE === 0)
        await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  }
}
