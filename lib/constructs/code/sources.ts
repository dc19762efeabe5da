import { fileURLToPath } from 'node:url';
import { DefinitionError } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { DagSource } from './bundle.ts';

/**
 * Each DAG with the file that exports it.
 *
 * @throws {DefinitionError} when the file of one is not known
 */
export function sourcesOf(dags: readonly (DagNode | DagSource)[]): readonly DagSource[] {
  const unknown: string[] = [];
  const sources = dags.flatMap((given) => {
    if ('dag' in given) return [given];
    const file = given.at?.file;
    if (file === undefined) unknown.push(given.id);
    return file === undefined ? [] : [{ dag: given, file: pathOf(file) }];
  });
  if (unknown.length === 0) return sources;
  const problems = unknown.map((id) => ({
    code: 'no-file',
    path: `dag "${id}"`,
    message: 'must be declared in a file that exports it, got none',
    remedy: 'give { dag, file }',
  }));
  throw new DefinitionError(problems);
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}
