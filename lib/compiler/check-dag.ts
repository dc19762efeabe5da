import type { Problem } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { DagNode } from '../model/dag.ts';
import { allDoneLeafHidesFailures } from './rules/all-done-leaf-hides-failures.ts';
import { branchJoin } from './rules/branch-join.ts';
import { callbacks } from './rules/callbacks.ts';
import { cycle } from './rules/cycle.ts';
import { duplicateTaskId } from './rules/duplicate-task-id.ts';
import { emptyDag } from './rules/empty-dag.ts';
import { engineArguments } from './rules/engine-arguments.ts';
import { functions } from './rules/functions.ts';
import { labelWithoutListener } from './rules/label-without-listener.ts';
import { loops } from './rules/loops.ts';
import { malformed, repaired } from './rules/malformed.ts';
import { maps } from './rules/maps.ts';
import { nestedRetries } from './rules/nested-retries.ts';
import { paramDefault } from './rules/param-default.ts';
import { past } from './rules/past.ts';
import { pools } from './rules/pools.ts';
import { refIntoSkippable } from './rules/ref-into-skippable.ts';
import { refNotUpstream } from './rules/ref-not-upstream.ts';
import { refOutsideModule } from './rules/ref-outside-module.ts';
import { retries } from './rules/retries.ts';
import type { Rule } from './rules/rule.ts';
import { schedule } from './rules/schedule.ts';
import { taskId } from './rules/task-id.ts';
import { teardown } from './rules/teardown.ts';
import { timeouts } from './rules/timeouts.ts';
import { tooManyTasks } from './rules/too-many-tasks.ts';
import { triggerRule } from './rules/trigger-rule.ts';
import { unknownEngine } from './rules/unknown-engine.ts';
import { unknownLabel } from './rules/unknown-label.ts';
import { unknownUpstream } from './rules/unknown-upstream.ts';
import { unsatisfiableTriggerRule } from './rules/unsatisfiable-trigger-rule.ts';
import { waits } from './rules/waits.ts';
import { wrongConnectionKind } from './rules/wrong-connection-kind.ts';

/** In the order their problems are told: names and shape, then each task, then what follows from both. */
const RULES: readonly Rule[] = [
  emptyDag,
  taskId,
  duplicateTaskId,
  unknownUpstream,
  cycle,
  teardown,
  unknownLabel,
  triggerRule,
  retries,
  nestedRetries,
  timeouts,
  functions,
  maps,
  loops,
  pools,
  waits,
  schedule,
  past,
  callbacks,
  paramDefault,
  unknownEngine,
  wrongConnectionKind,
  engineArguments,
  refNotUpstream,
  refOutsideModule,
  unsatisfiableTriggerRule,
  branchJoin,
  labelWithoutListener,
  refIntoSkippable,
  allDoneLeafHidesFailures,
];

/**
 * Every mistake in a DAG, errors and warnings, of all rules at once. Takes any data that claims to be
 * a DAG, imported JSON too, and never throws.
 */
export function checkDag(dag: DagNode): readonly Problem[] {
  const shape = malformed(dag);
  if (!isObject(dag)) return shape;
  const sound = shape.length === 0 ? dag : repaired(dag);
  const tooMany = tooManyTasks(sound);
  // Other rules would take as long as compiling it.
  return [...shape, ...(tooMany.length > 0 ? tooMany : RULES.flatMap((rule) => rule(sound)))];
}
