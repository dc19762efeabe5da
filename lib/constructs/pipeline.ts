import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { State, StateMachine } from '../asl/states.ts';
import { type Compiled, compile } from '../compiler/compile.ts';
import type { DagNode } from '../model/dag.ts';

export interface PipelineProps {
  readonly dag: DagNode;
  /** Name of the state machine, at most 80 characters. @default CloudFormation's choice */
  readonly stateMachineName?: string;
  /** The function that runs the DAG's tasks; any version of it may be called. */
  readonly functionArn: string;
  /** The table of latches and recorded outputs. Only machines that use it are allowed to. */
  readonly tableArn: string;
}

/**
 * One DAG as a Step Functions state machine with the least rights it needs.
 *
 * The definition is the compiler's, byte for byte: the machine that ran on the laptop
 * is the one deployed. Table and function version arrive in the execution's input.
 */
export class Pipeline extends Construct {
  readonly compiled: Compiled;
  readonly role: Role;
  readonly stateMachine: CfnStateMachine;

  /** @throws {DefinitionError} when the DAG cannot be compiled */
  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    this.compiled = compile(props.dag);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    for (const statement of statements(this.compiled.definition, props)) this.role.addToPolicy(statement);
    this.stateMachine = new CfnStateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      stateMachineType: 'STANDARD',
      definitionString: JSON.stringify(this.compiled.definition),
      roleArn: this.role.roleArn,
    });
    // The role's policy is a resource of its own; a machine made before it could start without rights.
    this.stateMachine.node.addDependency(this.role);
  }
}

/**
 * What the definition's states call, and nothing else.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
function statements(definition: StateMachine, props: PipelineProps): readonly PolicyStatement[] {
  const used = new Set(resourcesOf(Object.values(definition.States)).map(actionOf));
  const grants: readonly (readonly [string, readonly string[]])[] = [
    ['lambda:InvokeFunction', [props.functionArn, `${props.functionArn}:*`]],
    ['dynamodb:BatchGetItem', [props.tableArn]],
    ['dynamodb:ConditionCheckItem', [props.tableArn]],
    ['dynamodb:GetItem', [props.tableArn]],
    ['dynamodb:UpdateItem', [props.tableArn]],
    // A token belongs to no resource: these two know only "*".
    ['states:SendTaskFailure', ['*']],
    ['states:SendTaskSuccess', ['*']],
  ];
  const unknown = [...used].filter((action) => !grants.some(([granted]) => granted === action));
  if (unknown.length > 0) throw new Error(`unreachable: no grant for ${unknown.join(', ')}`);
  return grants
    .filter(([action]) => used.has(action))
    .map(
      ([action, resources]) =>
        new PolicyStatement({ effect: Effect.ALLOW, actions: [action], resources: [...resources] }),
    );
}

/** `Resource` of every Task state, at any depth. */
function resourcesOf(states: readonly State[]): readonly string[] {
  return states.flatMap((state) => {
    if (state.Type === 'Task') return [state.Resource];
    if (state.Type === 'Parallel')
      return resourcesOf(state.Branches.flatMap((branch) => Object.values(branch.States)));
    return state.Type === 'Map' ? resourcesOf(Object.values(state.ItemProcessor.States)) : [];
  });
}

/** The IAM action of a resource: `arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken` → `dynamodb:UpdateItem`. */
function actionOf(resource: string): string {
  const [service = '', call = ''] = resource
    .replace(/^arn:aws:states:::(aws-sdk:)?/, '')
    .replace(/\..*$/, '')
    .split(':');
  if (service === 'lambda') return 'lambda:InvokeFunction';
  // A transaction has no action of its own; ours hold condition checks only.
  if (call === 'transactWriteItems') return 'dynamodb:ConditionCheckItem';
  // Step Functions calls itself `sfn`; IAM calls it `states`.
  return `${service === 'sfn' ? 'states' : service}:${call.charAt(0).toUpperCase()}${call.slice(1)}`;
}
