import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { calledBy } from './called.ts';
import { place, taskPath } from './rule.ts';

/** An engine is given a connection of the kind it needs, and a name means one kind. */
export function wrongConnectionKind(dag: DagNode): readonly Problem[] {
  const kinds = new Map<string, string>();
  const twice = dag.connections.flatMap(({ name, kind }) => {
    const other = kinds.get(name);
    kinds.set(name, other ?? kind);
    return other === undefined || other === kind ? [] : [ambiguous(dag, name, other, kind)];
  });
  return [...twice, ...dag.tasks.flatMap((task) => ofTask(dag, task, kinds))];
}

function ofTask(dag: DagNode, task: TaskNode, kinds: ReadonlyMap<string, string>): readonly Problem[] {
  const called = calledBy(task.call);
  if (called === undefined) return [];
  const { name: engine, connection } = called;
  const needed = called.found?.connection;
  const problem = (message: string, remedy: string): readonly Problem[] => [
    {
      code: 'wrong-connection-kind',
      path: taskPath(dag, task, 'connection'),
      message,
      remedy,
      ...place(task),
    },
  ];
  if (connection === undefined) {
    return needed === undefined
      ? []
      : problem(
          `must be a connection of kind ${needed} for ${engine}, got none`,
          `declare one: connection.${needed}('name')`,
        );
  }
  const kind = kinds.get(connection);
  if (kind === undefined) {
    const near = nearest(connection, [...kinds.keys()]);
    return problem(
      `must be a connection of this DAG, got "${connection}"`,
      near === undefined ? 'add it to the connections of the DAG' : `did you mean "${near}"?`,
    );
  }
  if (needed === undefined || kind === needed) return [];
  return problem(
    `must be of kind ${needed} for ${engine}, got "${connection}" of kind ${kind}`,
    `use a connection.${needed}('…')`,
  );
}

function ambiguous(dag: DagNode, name: string, one: string, other: string): Problem {
  return {
    code: 'wrong-connection-kind',
    path: `dag "${dag.id}" › connection "${name}"`,
    message: `must be of one kind, got ${one} and ${other}`,
    remedy: 'give one of the two another name',
    ...place(dag),
  };
}
