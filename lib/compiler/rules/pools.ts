import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode, PoolNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { dagPath, place, shown, taskPath } from './rule.ts';

/** A pool has places, one number of them, and no task asks for more than there are. */
export function pools(dag: DagNode): readonly Problem[] {
  const declared = new Map<string, PoolNode>();
  const ofPools = (dag.pools ?? []).flatMap((pool) => {
    const earlier = declared.get(pool.name);
    declared.set(pool.name, earlier ?? pool);
    return [...slots(dag, pool), ...(earlier === undefined ? [] : [twice(dag, earlier, pool)])];
  });
  return [...ofPools, ...dag.tasks.flatMap((task) => ofTask(dag, task, declared))];
}

function slots(dag: DagNode, { name, slots: count }: PoolNode): readonly Problem[] {
  if (isCount(count)) return [];
  const message = `must be a whole number from 1, got ${shown(count)}`;
  const remedy = 'write how many tasks may run at the same time';
  return [{ code: 'pools', path: dagPath(dag, `pool "${name}" › slots`), message, remedy, ...place(dag) }];
}

function twice(dag: DagNode, one: PoolNode, other: PoolNode): Problem {
  return {
    code: 'pools',
    path: dagPath(dag, `pool "${one.name}"`),
    message: `must be declared once, got ${shown(one.slots)} and ${shown(other.slots)} slots`,
    remedy: `export const ${/^[a-z]\w*$/i.test(one.name) ? one.name : 'shared'} = pool('${one.name}', …) once, and import it`,
    ...place(dag),
  };
}

function ofTask(dag: DagNode, task: TaskNode, declared: ReadonlyMap<string, PoolNode>): readonly Problem[] {
  if (task.pool === undefined) return [];
  const { name, slots: asked } = task.pool;
  const pool = declared.get(name);
  const { kind } = task.call;
  const problem = (field: string, message: string, remedy: string): readonly Problem[] => [
    { code: 'pools', path: taskPath(dag, task, field), message, remedy, ...place(task) },
  ];
  if (kind === 'choose' || kind === 'shortCircuit' || kind === 'at') {
    const what = kind === 'at' ? 'a wait until an instant' : `a ${kind} by an expression`;
    return problem('pool', `must be held by a task that calls something, got ${what}`, 'leave it out');
  }
  if (pool === undefined) {
    const near = nearest(name, [...declared.keys()]);
    const remedy = near === undefined ? 'add it to the pools of the DAG' : `did you mean "${near}"?`;
    return problem('pool', `must be a pool of this DAG, got "${name}"`, remedy);
  }
  if (!isCount(asked))
    return problem(
      'pool.slots',
      `must be a whole number from 1, got ${shown(asked)}`,
      'leave it out for one',
    );
  if (!isCount(pool.slots) || asked <= pool.slots) return [];
  const message = `must be at most the ${pool.slots} of "${name}", got ${asked}: it would wait for ever`;
  return problem('pool.slots', message, 'ask for fewer, or give the pool more');
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}
