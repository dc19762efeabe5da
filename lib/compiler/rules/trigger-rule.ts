import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import { TRIGGER_RULES } from '../../model/trigger-rule.ts';
import { nodesOf } from './nodes.ts';
import { shown } from './rule.ts';

const KNOWN: ReadonlySet<string> = new Set(TRIGGER_RULES);
const WRITABLE = TRIGGER_RULES.filter((rule) => rule !== 'all_done_setup_success');

/** Every trigger rule is one of the thirteen; the teardown's is not written by hand. */
export function triggerRule(dag: DagNode): readonly Problem[] {
  return nodesOf(dag).flatMap((node): readonly Problem[] => {
    const path = `${node.path} › triggerRule`;
    const isTeardown = node.task?.teardownOf !== undefined;
    if (!KNOWN.has(node.triggerRule)) {
      const near = nearest(String(node.triggerRule), WRITABLE);
      const remedy = near === undefined ? `write one of ${WRITABLE.join(', ')}` : `did you mean "${near}"?`;
      return [
        {
          code: 'trigger-rule',
          path,
          message: `must be a trigger rule, got ${shown(node.triggerRule)}`,
          remedy,
          ...node.at,
        },
      ];
    }
    if (isTeardown === (node.triggerRule === 'all_done_setup_success')) return [];
    const [message, remedy] = isTeardown
      ? [
          `must not be set on a teardown, which has a rule of its own, got ${shown(node.triggerRule)}`,
          'leave triggerRule out',
        ]
      : [
          'must not be the rule of teardowns on another task, got "all_done_setup_success"',
          'name its setups in teardownOf, or write "all_done"',
        ];
    return [{ code: 'trigger-rule', path, message, remedy, ...node.at }];
  });
}
