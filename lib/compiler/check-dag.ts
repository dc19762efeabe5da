import type { Problem } from '../base/errors.ts';
import type { DagNode } from '../model/dag.ts';
import { cycle } from './rules/cycle.ts';
import { duplicateTaskId } from './rules/duplicate-task-id.ts';
import { emptyDag } from './rules/empty-dag.ts';
import type { Rule } from './rules/rule.ts';
import { taskId } from './rules/task-id.ts';
import { unknownUpstream } from './rules/unknown-upstream.ts';

/** In the order their problems are told. */
const RULES: readonly Rule[] = [emptyDag, taskId, duplicateTaskId, unknownUpstream, cycle];

/** Every mistake in a DAG, errors and warnings, of all rules at once. Takes any data that claims to be a DAG. */
export function checkDag(dag: DagNode): readonly Problem[] {
  return RULES.flatMap((rule) => rule(dag));
}
