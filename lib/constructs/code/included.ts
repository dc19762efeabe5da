/** Files of a project that functions of a DAG read as they run. */
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compareTexts } from '../../base/compare.ts';
import type { Problem } from '../../base/errors.ts';
import { dagPath, place } from '../../compiler/rules/rule.ts';
import type { DagNode } from '../../model/dag.ts';

/** By their place in the archive, which is the function's working directory: as in the project. */
export function includedFiles({ include = [] }: DagNode, root: string): ReadonlyMap<string, string> {
  const found = include.flatMap((pattern) => filesOf(pattern, root));
  return new Map(found.sort(([one], [other]) => compareTexts(one, other)));
}

/** Patterns that no file is like. */
export function includeProblems(dags: readonly DagNode[], root: string): readonly Problem[] {
  return dags.flatMap((dag) =>
    (dag.include ?? [])
      .filter((pattern) => filesOf(pattern, root).length === 0)
      .map((pattern) => ({
        code: 'no-included-file',
        path: `${dagPath(dag)} › include`,
        message: `must name files that there are, got "${pattern}"`,
        remedy: `write it as it is from the project's folder, ${root}, as 'data/*.csv', or say root where that is another`,
        ...place(dag),
      })),
  );
}

/** A package above the project, as in a workspace, is where it is looked for: at the top. */
function filesOf(pattern: string, root: string): readonly (readonly [inArchive: string, file: string])[] {
  return globSync(pattern, { cwd: root })
    .map((path) => [path.replaceAll('\\', '/').replace(/^(\.{1,2}\/)+/, ''), join(root, path)] as const)
    .filter(([, file]) => statSync(file).isFile());
}
