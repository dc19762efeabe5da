import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { dagPath, place, shown, taskPath } from './rule.ts';

/** Notifiers have names, and who is told of what is late can be. */
export function callbacks(dag: DagNode): readonly Problem[] {
  const late = dag.deadline !== undefined || dag.tasks.some(({ deadline }) => deadline !== undefined);
  return [
    ...told(dag, (field) => dagPath(dag, field), late),
    ...dag.tasks.flatMap((task) => {
      return told(task, (field) => taskPath(dag, task, field), task.deadline !== undefined);
    }),
  ];
}

function told(
  node: DagNode | DagNode['tasks'][number],
  path: (field: string) => string,
  hasDeadline: boolean,
): readonly Problem[] {
  const lists = Object.entries(node.callbacks ?? {}) as readonly [string, readonly string[]][];
  const problem = (field: string, message: string, remedy: string): Problem => {
    return { code: 'callbacks', path: path(field), message, remedy, ...place(node) };
  };
  const unnamed = lists.flatMap(([field, names]) =>
    names.flatMap((name) =>
      NAME.test(name)
        ? []
        : [problem(field, `must name a notifier by ${RULE}, got ${shown(name)}`, "write notifier('oncall')")],
    ),
  );
  const onLate = node.callbacks?.onLate !== undefined && !hasDeadline;
  return onLate
    ? [...unnamed, problem('onLate', 'must come with a deadline, got none', "write deadline: '6h'")]
    : unnamed;
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,79}$/;
const RULE = 'a letter, then at most 79 letters, digits, _ or -';
