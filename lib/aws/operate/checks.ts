/** What has to be so for an environment to work, each looked at by itself. */
import { type CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import {
  CORE_FUNCTIONS,
  coreFunctionName,
  coreStackName,
  dagsStackName,
  deadLetterQueueName,
} from '../../deployment/names.ts';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** What was found. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export interface CheckedEnvironment {
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  /** Names of the stacks of DAGs: `0` … */
  readonly stacks: readonly string[];
}

export interface CheckClients {
  readonly sts: STSClient;
  readonly cloudformation: CloudFormationClient;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
}

/** The bootstrap version that the assets of this CDK want. @see https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
const BOOTSTRAP_VERSION = 6;

/** Everything, in the order in which one thing needs the other. Without credentials only that is told. */
export async function environmentChecks(
  clients: CheckClients,
  place: CheckedEnvironment,
): Promise<readonly Check[]> {
  const identity = await identityCheck(clients.sts, place);
  if (identity.state === 'failed') return [identity];
  const others = await Promise.all([
    bootstrapCheck(clients.cloudformation),
    ...[
      coreStackName(place.environment),
      ...place.stacks.map((name) => dagsStackName(place.environment, name)),
    ].map((name) => stackCheck(clients.cloudformation, name, place.environment)),
    functionsCheck(clients.lambda, place.environment),
    queueCheck(clients.sqs, place.environment),
  ]);
  return [identity, ...others];
}

async function identityCheck(sts: STSClient, { account, environment }: CheckedEnvironment): Promise<Check> {
  const name = 'credentials';
  try {
    const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
    if (Account === account) return { name, state: 'ok', text: Arn };
    return {
      name,
      state: 'failed',
      text: `environment "${environment}" is in account ${account}, these credentials are of ${Account}`,
      remedy: `sign in to account ${account}: aws sso login, or another AWS_PROFILE`,
    };
  } catch (error) {
    return {
      name,
      state: 'failed',
      text: messageOf(error),
      remedy: 'sign in: aws sso login, or set AWS_PROFILE',
    };
  }
}

async function bootstrapCheck(cloudformation: CloudFormationClient): Promise<Check> {
  const name = 'bootstrap';
  const remedy = 'run npx cdk bootstrap';
  const stack = await stackNamed(cloudformation, 'CDKToolkit');
  if (stack === undefined) return { name, state: 'failed', text: 'this account and region has none', remedy };
  if (typeof stack === 'string') return { name, state: 'warning', text: stack };
  const version = Number(
    stack.Outputs?.find(({ OutputKey }) => OutputKey === 'BootstrapVersion')?.OutputValue,
  );
  return version >= BOOTSTRAP_VERSION
    ? { name, state: 'ok', text: `version ${version}` }
    : {
        name,
        state: 'failed',
        text: `must be version ${BOOTSTRAP_VERSION} or later, got ${version}`,
        remedy,
      };
}

async function stackCheck(
  cloudformation: CloudFormationClient,
  stackName: string,
  environment: string,
): Promise<Check> {
  const name = `stack ${stackName}`;
  const stack = await stackNamed(cloudformation, stackName);
  const remedy = `run npx cdk deploy '${environment}/*'`;
  if (stack === undefined) return { name, state: 'failed', text: 'is not deployed', remedy };
  if (typeof stack === 'string') return { name, state: 'warning', text: stack };
  const { StackStatus: status = '' } = stack;
  if (/_IN_PROGRESS$/.test(status)) return { name, state: 'warning', text: `${status}: wait for its end` };
  // A rollback ends in a stack that works, as it was.
  const isWell = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status);
  const isRolledBack = status === 'UPDATE_ROLLBACK_COMPLETE';
  if (isWell) return { name, state: 'ok', text: status };
  return isRolledBack
    ? { name, state: 'warning', text: `${status}: its last change was undone`, remedy }
    : {
        name,
        state: 'failed',
        text: status,
        remedy: 'look at its events; then npx cdk rollback or cdk deploy',
      };
}

async function functionsCheck(lambda: LambdaClient, environment: string): Promise<Check> {
  const name = 'core functions';
  const missing: string[] = [];
  for (const each of CORE_FUNCTIONS) {
    const FunctionName = coreFunctionName(environment, each);
    try {
      await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException'))
        return { name, state: 'warning', text: messageOf(error) };
      missing.push(FunctionName);
    }
  }
  return missing.length === 0
    ? { name, state: 'ok', text: `${CORE_FUNCTIONS.length} there` }
    : {
        name,
        state: 'failed',
        text: `not there: ${missing.join(', ')}`,
        remedy: `deploy ${coreStackName(environment)}`,
      };
}

async function queueCheck(sqs: SQSClient, environment: string): Promise<Check> {
  const name = 'dead letters';
  try {
    const { QueueUrl } = await sqs.send(
      new GetQueueUrlCommand({ QueueName: deadLetterQueueName(environment) }),
    );
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    const waiting = Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0);
    if (waiting === 0) return { name, state: 'ok', text: 'none' };
    return {
      name,
      state: 'warning',
      text: `${waiting}: firings or events that no handler could take`,
      remedy: `read them in ${deadLetterQueueName(environment)}; the sweep has mended what they were about`,
    };
  } catch (error) {
    if (isNamed(error, 'QueueDoesNotExist'))
      return {
        name,
        state: 'failed',
        text: 'the queue is not there',
        remedy: `deploy ${coreStackName(environment)}`,
      };
    return { name, state: 'warning', text: messageOf(error) };
  }
}

/** `undefined`: there is none; a text: it may not be looked at, and why. */
async function stackNamed(
  cloudformation: CloudFormationClient,
  StackName: string,
): Promise<Stack | string | undefined> {
  try {
    const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0];
  } catch (error) {
    const message = messageOf(error);
    return /does not exist/.test(message) ? undefined : message;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name.startsWith(name);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
