/** What machines may do: what their states call, and nothing else. */
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { State, StateMachine } from '../asl/states.ts';

export interface Grantees {
  readonly functionArn: string;
  /** The function that lends places of pools. */
  readonly poolFunctionArn?: string;
  readonly tableArn: string;
}

/**
 * Rights of the role of some machines; what they may start is for {@link startStatements}.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
export function statements(
  definitions: readonly StateMachine[],
  { functionArn, poolFunctionArn, tableArn }: Grantees,
): readonly PolicyStatement[] {
  const used = new Set(definitions.flatMap(callsIn).map(actionOf));
  const functions = [functionArn, ...(poolFunctionArn === undefined ? [] : [poolFunctionArn])];
  const grants: readonly (readonly [string, readonly string[]])[] = [
    ['lambda:InvokeFunction', functions.flatMap((arn) => [arn, `${arn}:*`])],
    ['dynamodb:BatchGetItem', [tableArn]],
    ['dynamodb:ConditionCheckItem', [tableArn]],
    ['dynamodb:GetItem', [tableArn]],
    ['dynamodb:UpdateItem', [tableArn]],
    // A token belongs to no resource: these two know only "*".
    ['states:SendTaskFailure', ['*']],
    ['states:SendTaskSuccess', ['*']],
  ];
  const unknown = [...used].filter(
    (action) => action !== START && !grants.some(([granted]) => granted === action),
  );
  if (unknown.length > 0) throw new Error(`unreachable: no grant for ${unknown.join(', ')}`);
  return grants
    .filter(([action]) => used.has(action))
    .map(([action, resources]) => allow([action], resources));
}

/** Names of machines, as the ends of their ARNs. */
export interface Startable {
  readonly arn: string;
  /** ARN of its executions, up to their names. */
  readonly executionsArn: string;
}

/**
 * Rights to start machines and wait for them: parts of a divided DAG, and, of a distributed Map, the machine itself.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 */
export function startStatements(
  machines: readonly Startable[],
  { isDivided, ruleArn }: { readonly isDivided: boolean; readonly ruleArn: string },
): readonly PolicyStatement[] {
  const executions = machines.flatMap(({ executionsArn }) => [`${executionsArn}:*`, `${executionsArn}/*`]);
  return [
    allow(
      ['states:StartExecution'],
      machines.map(({ arn }) => arn),
    ),
    allow(['states:DescribeExecution', 'states:StopExecution'], executions),
    // How a machine hears that a part has ended.
    ...(isDivided ? [allow(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], [ruleArn])] : []),
  ];
}

/** True for a machine that starts executions: of others, or, by a distributed Map, its own. */
export function startsExecutions(definition: StateMachine): boolean {
  return statesIn(Object.values(definition.States)).some(
    (state) =>
      (state.Type === 'Task' && actionOf(state.Resource) === START) ||
      (state.Type === 'Map' && state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED'),
  );
}

const START = 'states:StartExecution';

function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
  });
}

function callsIn(definition: StateMachine): readonly string[] {
  return statesIn(Object.values(definition.States)).flatMap((state) =>
    state.Type === 'Task' ? [state.Resource] : [],
  );
}

/** At any depth. */
function statesIn(states: readonly State[]): readonly State[] {
  return states.flatMap((state) => {
    if (state.Type === 'Parallel')
      return [state, ...state.Branches.flatMap((branch) => statesIn(Object.values(branch.States)))];
    return state.Type === 'Map' ? [state, ...statesIn(Object.values(state.ItemProcessor.States))] : [state];
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
