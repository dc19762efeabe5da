/** What only the making tells: how large it came out. */
import type { Problem } from '../../base/errors.ts';
import { CfnResource, CfnRole, type Construct } from '../cdk.ts';
import { bytesOf, MOST_BYTES } from '../code/function-files.ts';
import type { Dag } from '../dags/dag.ts';
import type { DagsStack } from '../dags/dags-stack.ts';
import type { DeployedEnvironment } from '../environment.ts';
import { bundleProblem, policyProblems, stackProblems } from './sizes.ts';

/** Refused sooner than AWS would. */
export interface Limits {
  /** Bytes of a DAG's code, packages included, unzipped: what loads slowly is large. @default what Lambda takes, 250 MB */
  readonly codeBytes?: number;
}

export function madeProblems(
  { name, aws }: DeployedEnvironment,
  stacks: readonly DagsStack[],
  { codeBytes = MOST_BYTES }: Limits,
): readonly Problem[] {
  const made = stacks.map((stack) => ({
    name: stack.part,
    resources: resourcesIn(stack),
    dags: stack.dags.map((dag) => ({ id: dag.version.dag.id, resources: resourcesIn(dag) })),
  }));
  return [
    ...stackProblems(name, aws, made),
    ...stacks.flatMap(({ dags }) => dags.flatMap((dag) => dagProblems(dag, codeBytes))),
  ];
}

function dagProblems({ node, files, version }: Dag, codeBytes: number): readonly Problem[] {
  const bytes = bytesOf(files);
  const roles = node.findAll().filter((child) => child instanceof CfnRole);
  return [
    ...(bytes > codeBytes ? [bundleProblem(version.dag, bytes, codeBytes)] : []),
    ...roles.flatMap(({ node: role, managedPolicyArns = [] }) =>
      policyProblems(version.dag, role.id === 'Role' ? 'machines' : 'function', managedPolicyArns.length),
    ),
  ];
}

function resourcesIn(place: Construct): number {
  return place.node.findAll().filter(CfnResource.isCfnResource).length;
}
