/** Names that AWS would refuse, or that two things would have. */
import type { Problem } from '../../base/errors.ts';
import { functionsOf, MAIN_FUNCTION } from '../../compiler/functions.ts';
import { dagPath, place } from '../../compiler/rules/rule.ts';
import { CORE_FUNCTIONS, coreFunctionName, dagName, rerunName, sizedName } from '../../deployment/names.ts';
import { byStack } from '../../deployment/stacks.ts';
import type { DagNode } from '../../model/dag.ts';
import { compiledDag } from '../compiled-dag.ts';
import { namesOf } from '../dags/machines.ts';
import type { DeployedEnvironment } from '../environment.ts';

/** Of a DAG's id, and of a stack, in names of functions, machines and stacks. */
const LEGAL = /^[A-Za-z0-9_-]+$/;
const LEGAL_STACK = /^[A-Za-z0-9][A-Za-z0-9-]*$/;
/** @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const LONGEST_FUNCTION = 64;
/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
const LONGEST_MACHINE = 80;

export function nameProblems(environment: DeployedEnvironment, dags: readonly DagNode[]): readonly Problem[] {
  const ids = [...idProblems(dags), ...twiceProblems(dags)];
  // A name that is not legal says nothing about others.
  return ids.length > 0 ? ids : placedProblems(environment, dags);
}

function idProblems(dags: readonly DagNode[]): readonly Problem[] {
  return dags.flatMap((dag) =>
    LEGAL.test(dag.id)
      ? []
      : [
          {
            code: 'dag-name',
            path: dagPath(dag),
            message: `id must have letters, digits, - and _ only where it is deployed, got ${JSON.stringify(dag.id)}`,
            remedy: `write ${JSON.stringify(dag.id.replaceAll(/[^A-Za-z0-9_-]+/g, '_'))}`,
            ...place(dag),
          },
        ],
  );
}

function twiceProblems(dags: readonly DagNode[]): readonly Problem[] {
  return dags
    .filter((dag, index) => dags.findIndex(({ id }) => id === dag.id) < index)
    .map((dag) => ({
      code: 'duplicate-dag-id',
      path: dagPath(dag),
      message: `must have an id of its own, got "${dag.id}" twice`,
      remedy: 'rename one of the two',
      ...place(dag),
    }));
}

function placedProblems(
  { name: environment, aws }: DeployedEnvironment,
  dags: readonly DagNode[],
): readonly Problem[] {
  const owners = new Map<string, string>(
    CORE_FUNCTIONS.map((name) => [`function ${coreFunctionName(environment, name)}`, 'the core']),
  );
  const problems: Problem[] = [];
  for (const [stack, some] of byStack(environment, aws, dags)) {
    if (!LEGAL_STACK.test(stack)) problems.push(wrongStack(environment, stack));
    for (const dag of some)
      for (const [kind, name] of namesOfDag(environment, dag, stack)) {
        problems.push(...lengthProblem(dag, kind, name));
        const owner = owners.get(`${kind} ${name}`);
        owners.set(`${kind} ${name}`, dagPath(dag));
        if (owner !== undefined) problems.push(taken(dag, `${kind} ${name}`, owner));
      }
  }
  return problems;
}

type Kind = 'function' | 'machine';

function namesOfDag(
  environment: string,
  dag: DagNode,
  stack: string,
): readonly (readonly [kind: Kind, name: string])[] {
  const { main, rerun } = compiledDag(dag);
  const functions = functionsOf(dag).map(({ key }) =>
    key === MAIN_FUNCTION ? dagName(environment, dag.id, stack) : sizedName(environment, dag.id, stack, key),
  );
  const machines = [
    ...namesOf(dagName(environment, dag.id, stack), main),
    ...namesOf(rerunName(environment, dag.id, stack), rerun),
  ];
  return [
    ...functions.map((name) => ['function', name] as const),
    ...machines.map((name) => ['machine', name] as const),
  ];
}

function lengthProblem(dag: DagNode, kind: Kind, name: string): readonly Problem[] {
  const most = kind === 'function' ? LONGEST_FUNCTION : LONGEST_MACHINE;
  if (name.length <= most) return [];
  return [
    {
      code: 'dag-name',
      path: dagPath(dag),
      message: `${kind} must have a name of at most ${most} characters, got ${name.length}: ${name}`,
      remedy: 'give the stack, the environment or the DAG a shorter name',
      ...place(dag),
    },
  ];
}

function taken(dag: DagNode, what: string, owner: string): Problem {
  return {
    code: 'dag-name',
    path: dagPath(dag),
    message: `must have names of its own, got ${what}, which ${owner} has`,
    remedy: 'rename the DAG, or its stack',
    ...place(dag),
  };
}

function wrongStack(environment: string, stack: string): Problem {
  return {
    code: 'stack-name',
    path: `environment "${environment}" › aws.stacks`,
    message: `must give names of letters, digits and -, got ${JSON.stringify(stack)}`,
    remedy: "write (dag) => 'sales'",
  };
}
