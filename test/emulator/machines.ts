/** The machines that are compared: one for each feature of the language, and those of reruns and of divided DAGs. */
import { type Compiled, type CompileOptions, compile } from '../../lib/compiler/compile.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import * as features from '../features.ts';
import { hurried } from './hurried.ts';

export interface Subject {
  /** `n-graph`, `n-graph in parts` */
  readonly name: string;
  readonly dag: DagNode;
  readonly compiled: Compiled;
}

/** Every feature; then what is compiled otherwise than a plain run. */
export function subjects(): readonly Subject[] {
  const { mappedGroup, nGraph, branching, parallel, groupRetries, ...others } = features;
  const plain = [...Object.values(others), nGraph, branching, parallel, groupRetries];
  return [
    ...plain.map((dag) => subject(dag, '')),
    // LocalStack has no executions for the items of a distributed Map: it runs them inside the one that has the Map.
    subject(bounded(mappedGroup), ' inline'),
    ...[nGraph, branching].map((dag) => subject(dag, ' again', { rerun: true })),
    ...[nGraph, parallel, groupRetries].map((dag) => subject(dag, ' in parts', { limits: { tasks: 2 } })),
  ];
}

/** The same DAG, made for lists of 10 items. */
function bounded(dag: DagNode): DagNode {
  const groups = dag.groups.map((group) => {
    const { module } = group;
    if (module?.does.kind !== 'map') return group;
    return { ...group, module: { ...module, does: { ...module.does, maxItems: 10 } } };
  });
  return { ...dag, groups };
}

function subject(dag: DagNode, suffix: string, options: CompileOptions = {}): Subject {
  return { name: `${dag.id}${suffix}`, dag, compiled: hurried(compile(dag, options)) };
}
