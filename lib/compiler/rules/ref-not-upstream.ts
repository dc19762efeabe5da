import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { ancestry } from './ancestry.ts';
import { type Graph, graphOf } from './graph.ts';
import { type FactRead, type OutputRead, readsOf } from './refs.ts';
import { place, taskPath } from './rule.ts';

/** Facts about a run that a Ref may read. */
const RUN_FACTS: ReadonlySet<string> = new Set([
  'id',
  'dagId',
  'attempt',
  'logicalDate',
  'interval',
  'interval.start',
  'interval.end',
  'interval.date',
]);

/** A Ref reads a task above its reader, a param the DAG declares, or a fact there is. */
export function refNotUpstream(dag: DagNode): readonly Problem[] {
  const graph = graphOf(dag);
  const reads = dag.tasks.flatMap((task, index) => readsOf(task.call).map((read) => ({ task, index, read })));
  const far = reads.flatMap(({ index, read }) =>
    read.kind === 'output' && !isDirect(graph, index, read.task) ? [read.task] : [],
  );
  const isAbove = ancestry(graph, far);
  return reads.flatMap(({ task, index, read }): readonly Problem[] => {
    if (read.kind !== 'output') return fact(dag, task, read);
    if (isDirect(graph, index, read.task) || isAbove(index, read.task)) return [];
    return [output(dag, task, read, graph)];
  });
}

function isDirect({ upstream, indexOf }: Graph, index: number, above: string): boolean {
  const target = indexOf.get(above);
  return target !== undefined && target !== index && upstream[index]?.includes(target) === true;
}

function output(dag: DagNode, task: TaskNode, read: OutputRead, { indexOf }: Graph): Problem {
  const [message, remedy] = outputText(task, read, indexOf);
  return { code: 'ref-not-upstream', path: taskPath(dag, task, read.where), message, remedy, ...place(task) };
}

function outputText(
  task: TaskNode,
  read: OutputRead,
  indexOf: ReadonlyMap<string, number>,
): readonly [string, string] {
  if (read.task === task.id)
    return ['must not read its own output, which is there when the task has ended', 'read a task above it'];
  if (indexOf.has(read.task)) {
    return [`must read the output of a task above it, got "${read.task}"`, `add it: { after: ${read.task} }`];
  }
  const near = nearest(read.task, [...indexOf.keys()]);
  const remedy =
    near === undefined
      ? 'read a task of this DAG: a value of another one goes through a table or a file'
      : `did you mean "${near}"?`;
  return [`must read the output of a task of this DAG, got "${read.task}"`, remedy];
}

function fact(dag: DagNode, task: TaskNode, { kind, path, where }: FactRead): readonly Problem[] {
  const name = path.join('.');
  if (kind === 'param' ? Object.hasOwn(dag.params, name) : RUN_FACTS.has(name)) return [];
  const known = kind === 'param' ? Object.keys(dag.params) : [...RUN_FACTS];
  const near = nearest(name, known);
  const [noun, none] =
    kind === 'param'
      ? ['a param of this DAG', `declare it: params: { ${name}: param.string() }`]
      : ['a fact about the run', `there is ${known.join(', ')}`];
  const remedy = near === undefined ? none : `did you mean "${near}"?`;
  return [
    {
      code: 'ref-not-upstream',
      path: taskPath(dag, task, where),
      message: `must read ${noun}, got "${name}"`,
      remedy,
      ...place(task),
    },
  ];
}
