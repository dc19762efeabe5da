/** What would be too large for CloudFormation, Lambda or Step Functions. */
import { MAX_DEFINITION_BYTES } from '../../asl/limits.ts';
import type { Problem } from '../../base/errors.ts';
import { dagPath, place } from '../../compiler/rules/rule.ts';
import { numberOfStacks, stackOf } from '../../deployment/stacks.ts';
import type { DagNode } from '../../model/dag.ts';
import type { AwsConfig } from '../../model/environment.ts';
import { compiledDag } from '../compiled-dag.ts';

/** CloudFormation takes 500 in a stack. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const MOST_RESOURCES = 450;

/** A stack as it was made. */
export interface MadeStack {
  readonly name: string;
  readonly resources: number;
  readonly dags: readonly { readonly id: string; readonly resources: number }[];
}

export function definitionProblems(dags: readonly DagNode[]): readonly Problem[] {
  return dags.flatMap((dag) => {
    const { main, rerun } = compiledDag(dag);
    const texts = [main, rerun].flatMap(({ text, parts }) => [
      text,
      ...Object.values(parts).map((part) => part.text),
    ]);
    const bytes = Math.max(...texts.map((text) => Buffer.byteLength(text)));
    if (bytes <= MAX_DEFINITION_BYTES) return [];
    return [
      {
        code: 'definition-size',
        path: dagPath(dag),
        message: `must have machines of at most ${MAX_DEFINITION_BYTES} bytes, also where it is divided, got ${bytes}`,
        remedy: 'make two DAGs of it: trigger.dag starts the second',
        ...place(dag),
      },
    ];
  });
}

/** Stacks with too many resources, and the number of stacks in which none has. */
export function stackProblems(
  environment: string,
  aws: AwsConfig,
  stacks: readonly MadeStack[],
): readonly Problem[] {
  return stacks
    .filter(({ resources }) => resources > MOST_RESOURCES)
    .map(({ name, resources }) => ({
      code: 'stack-size',
      path: `environment "${environment}" › stack ${name}`,
      message: `must have at most ${MOST_RESOURCES} resources, got ${resources}`,
      remedy: remedyFor(environment, aws, stacks),
    }));
}

function remedyFor(environment: string, aws: AwsConfig, stacks: readonly MadeStack[]): string {
  if (typeof aws.stacks === 'function') return 'let aws.stacks give more names';
  const dags = stacks.flatMap((stack) => stack.dags);
  const now = numberOfStacks(environment, aws);
  const enough = Array.from({ length: 100 - now }, (_, index) => now + 1 + index).find((count) =>
    fits(dags, count),
  );
  return enough === undefined
    ? `make two environments of it: ${dags.length} DAGs`
    : `raise stacks from ${now} to ${enough}`;
}

/** Besides DAGs a stack has its Register, and what CDK adds. */
const OTHERS = 2;

function fits(dags: MadeStack['dags'], count: number): boolean {
  const sums = new Map<string, number>();
  for (const { id, resources } of dags) {
    const stack = stackOf(id, count);
    sums.set(stack, (sums.get(stack) ?? OTHERS) + resources);
  }
  return [...sums.values()].every((sum) => sum <= MOST_RESOURCES);
}

/** Functions that would be more than Lambda takes, unzipped. */
export function bundleProblem(dag: DagNode, bytes: number, most: number): Problem {
  const [got, limit] = [bytes, most].map((size) => Math.ceil(size / 1024 / 102.4) / 10);
  return {
    code: 'bundle-size',
    path: dagPath(dag),
    message: `must have code of at most ${limit} MB, packages included, got ${got} MB`,
    remedy: 'import less in its file, or run the work by ecs.runTask',
    ...place(dag),
  };
}

/** Of a role; each holds 6,144 characters. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_POLICIES = 10;

/** Rights that a role would not hold. `whose`: of what of the DAG. */
export function policyProblems(
  dag: DagNode,
  whose: 'machines' | 'function',
  count: number,
): readonly Problem[] {
  if (count <= MOST_POLICIES) return [];
  return [
    {
      code: 'policy-size',
      path: `${dagPath(dag)} › role of its ${whose}`,
      message: `must have rights that ${MOST_POLICIES} managed policies hold, got ${count}`,
      remedy: 'name resources that its tasks share, or make two DAGs of it: trigger.dag starts the second',
      ...place(dag),
    },
  ];
}
