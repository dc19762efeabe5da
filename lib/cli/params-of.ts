import type { JsonObject } from '../base/json.ts';
import type { DagNode } from '../model/dag.ts';
import { paramFromText } from '../orchestrator/params.ts';

/**
 * Params given as `name=value` each.
 *
 * @throws {RefusedError} `unknown-param`, `invalid-param`
 */
export function paramsOf(dag: DagNode, assignments: readonly string[]): JsonObject {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const at = assignment.indexOf('=');
      const name = assignment.slice(0, at);
      return [name, paramFromText(dag, name, assignment.slice(at + 1))];
    }),
  );
}
