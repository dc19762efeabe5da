/**
 * What only an account can show of a deployment, where nobody has to change anything for it: reads, definitions that are
 * checked and not made, and writes to items that there are none of.
 */
import {
  type CloudFormationClient,
  paginateDescribeStackEvents,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { GetRoleCommand, type IAMClient } from '@aws-sdk/client-iam';
import {
  DescribeStateMachineCommand,
  type SFNClient,
  TestStateCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { errorText } from '../../base/errors.ts';
import { TABLE } from '../../deployment/table.ts';
import type { Check } from './checks.ts';

export interface TrialClients {
  readonly sfn: SFNClient;
  readonly cloudformation: CloudFormationClient;
  readonly iam: IAMClient;
}

/** A stack of DAGs. */
export interface TriedStack {
  readonly name: string;
  /** Number of DAGs in it. */
  readonly dags: number;
}

/** Of a DAG whose machine writes items of the table. */
export interface TriedTable {
  readonly dagId: string;
  readonly table: string;
  /** ARN of the machine's version. */
  readonly machine: string;
}

/** As many DAGs as a stack holds before it is refused for its resources. */
const MANY_DAGS = 43;

/** What happened to a stack, by its events: versions under one a second, the answer of Register, the time that it took. */
export async function stackTrials(
  cloudformation: CloudFormationClient,
  { name, dags }: TriedStack,
): Promise<readonly Check[]> {
  const events = await eventsOf(cloudformation, name);
  if (typeof events === 'string') return [{ name: `events of ${name}`, state: 'warning', text: events }];
  return [
    versionsTrial(name, events),
    registerTrial(name, dags, events),
    ...firstDeployment(name, dags, events),
  ];
}

async function eventsOf(
  cloudformation: CloudFormationClient,
  StackName: string,
): Promise<readonly StackEvent[] | string> {
  const events: StackEvent[] = [];
  try {
    for await (const page of paginateDescribeStackEvents({ client: cloudformation }, { StackName }))
      events.push(...(page.StackEvents ?? []));
    return events;
  } catch (error) {
    return errorText(error);
  }
}

/** Publishing is allowed once a second: CloudFormation has to wait. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
function versionsTrial(stack: string, events: readonly StackEvent[]): Check {
  const of = events.filter(({ ResourceType }) => ResourceType === 'AWS::StepFunctions::StateMachineVersion');
  const name = `versions published by ${stack}`;
  const throttled = of.find(
    ({ ResourceStatus = '', ResourceStatusReason = '' }) =>
      ResourceStatus.endsWith('_FAILED') && /throttl|rate exceeded|too many/i.test(ResourceStatusReason),
  );
  if (throttled === undefined) {
    const made = of.filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_COMPLETE').length;
    return { name, state: 'ok', text: `${made}, none of them refused for its rate` };
  }
  return {
    name,
    state: 'failed',
    text: `${throttled.LogicalResourceId}: ${throttled.ResourceStatusReason}`,
    remedy: 'raise aws.stacks, and deploy with --concurrency 1',
  };
}

function registerTrial(stack: string, dags: number, events: readonly StackEvent[]): Check {
  const name = `Register of ${stack}`;
  const last = events.find(
    ({ ResourceType, ResourceStatus = '' }) =>
      ResourceType === 'Custom::TuttiDags' && /_(COMPLETE|FAILED)$/.test(ResourceStatus),
  );
  if (last === undefined) return { name, state: 'warning', text: 'its events are gone' };
  const { ResourceStatus = '', ResourceStatusReason: reason } = last;
  if (ResourceStatus.endsWith('_FAILED'))
    return {
      name,
      state: 'warning',
      text: `${ResourceStatus}${reason === undefined ? '' : `: ${reason}`}`,
      remedy: 'expected where a DAG with active runs was removed; else look at the log of register',
    };
  const enough = dags >= MANY_DAGS ? '' : `, of the ${MANY_DAGS} that are to be tried`;
  return { name, state: 'ok', text: `answered for ${dags} DAGs${enough}` };
}

/** Nothing, where the events of it are gone: they are kept for 90 days. */
function firstDeployment(stack: string, dags: number, events: readonly StackEvent[]): readonly Check[] {
  const own = events.filter(({ StackId, PhysicalResourceId }) => StackId === PhysicalResourceId);
  const timeOf = (status: string) =>
    own.find(({ ResourceStatus }) => ResourceStatus === status)?.Timestamp?.getTime();
  const [from, to] = [timeOf('CREATE_IN_PROGRESS'), timeOf('CREATE_COMPLETE')];
  if (from === undefined || to === undefined) return [];
  const text = `${Math.round((to - from) / 1000)} s for ${dags} DAGs`;
  return [{ name: `first deployment of ${stack}`, state: 'ok', text }];
}

/** Versions that runs have besides the newest: each still has the role that it was published with. */
export async function roleTrial(
  { sfn, iam }: Pick<TrialClients, 'sfn' | 'iam'>,
  olderMachines: readonly string[],
): Promise<Check> {
  const name = 'roles of older versions';
  if (olderMachines.length === 0) return { name, state: 'ok', text: 'no run has an older version yet' };
  const gone: string[] = [];
  for (const stateMachineArn of olderMachines) {
    try {
      const { roleArn = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
      await iam.send(new GetRoleCommand({ RoleName: roleArn.slice(roleArn.lastIndexOf('/') + 1) }));
    } catch (error) {
      if (!isGone(error)) return { name, state: 'warning', text: errorText(error) };
      gone.push(stateMachineArn);
    }
  }
  if (gone.length === 0) return { name, state: 'ok', text: `${olderMachines.length} there` };
  return {
    name,
    state: 'failed',
    text: `gone: ${gone.join(', ')}`,
    remedy: 'runs of these versions cannot go on: clear them with --latest',
  };
}

function isGone(error: unknown): boolean {
  return error instanceof Error && /^(NoSuchEntity|StateMachineDoesNotExist)/.test(error.name);
}

/**
 * Whether `dynamodb:LeadingKeys` holds for what Step Functions itself asks of DynamoDB: with the role of a DAG's machines,
 * an item of the DAG is allowed and one of another is not. Neither exists, and the write is under the condition that it does.
 */
export async function leadingKeysTrial(sfn: SFNClient, tried: TriedTable | undefined): Promise<Check> {
  const name = 'LeadingKeys of machines';
  if (tried === undefined) return { name, state: 'warning', text: 'no deployed DAG writes items itself' };
  const { dagId, machine } = tried;
  try {
    const { roleArn = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: machine }));
    const write = (partition: string) => writeAs(sfn, roleArn, { table: tried.table, partition });
    const [own, other] = [await write(`RUN#${dagId}#smoke`), await write(`RUN#${dagId}-not#smoke`)];
    if (isDenied(own))
      return {
        name,
        state: 'failed',
        text: `dag "${dagId}" may not write its own items: ${own}`,
        remedy: ROLE,
      };
    if (!isDenied(other))
      return {
        name,
        state: 'failed',
        text: `dag "${dagId}" may write items of others: ${other}`,
        remedy: ROLE,
      };
    return { name, state: 'ok', text: `dag "${dagId}" may write its own items, and no others` };
  } catch (error) {
    return { name, state: 'warning', text: errorText(error), remedy: PASS };
  }
}

const ROLE = 'look at the policy of its role, and tell the authors of Tutti';
const PASS = 'needs states:TestState, and iam:PassRole for the roles of the environment';

async function writeAs(
  sfn: SFNClient,
  roleArn: string,
  { table, partition }: { readonly table: string; readonly partition: string },
): Promise<string> {
  const definition = {
    QueryLanguage: 'JSONata',
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:updateItem',
    Arguments: {
      TableName: table,
      Key: { [TABLE.partitionKey]: { S: partition }, [TABLE.sortKey]: { S: 'L#0#smoke' } },
      UpdateExpression: 'SET smoke = :one',
      ConditionExpression: `attribute_exists(${TABLE.partitionKey})`,
      ExpressionAttributeValues: { ':one': { N: '1' } },
    },
    End: true,
  };
  const { status, error, cause } = await sfn.send(
    new TestStateCommand({ definition: JSON.stringify(definition), roleArn, input: '{}' }),
  );
  return [status, error, cause].filter((text) => text !== undefined).join(' ');
}

function isDenied(answer: string): boolean {
  return /AccessDenied|not authorized/i.test(answer);
}

/** Step Functions says of no number that it is too many. */
const BRANCHES = 100;

/** Whether Step Functions takes a Parallel of so many branches: the definition is checked, and no machine made. */
export async function branchesTrial(sfn: SFNClient): Promise<Check> {
  const name = `${BRANCHES} branches`;
  const Branches = Array.from({ length: BRANCHES }, (_, index) => ({
    StartAt: `a${index}`,
    States: { [`a${index}`]: { Type: 'Pass', End: true } },
  }));
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'all',
    States: { all: { Type: 'Parallel', Branches, End: true } },
  };
  try {
    const { result, diagnostics = [] } = await sfn.send(
      new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify(definition) }),
    );
    if (result === 'OK') return { name, state: 'ok', text: 'a Parallel of them is taken' };
    const text = diagnostics
      .slice(0, 3)
      .map(({ code, message }) => `${code} ${message}`)
      .join('; ');
    return { name, state: 'failed', text, remedy: 'divide DAGs that have as many' };
  } catch (error) {
    return {
      name,
      state: 'warning',
      text: errorText(error),
      remedy: 'needs states:ValidateStateMachineDefinition',
    };
  }
}
