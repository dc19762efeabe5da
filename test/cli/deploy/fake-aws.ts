/** What a trial of a deployment asks of AWS, answered on this machine: Step Functions by the interpreter, roles by a list. */
import { startSfn } from '../../../lib/sfn/index.ts';
import { listening } from '../remote-rig.ts';
import type { AskedCall } from './allowed.ts';

export interface FakeAws {
  /** Of Step Functions, CloudFormation, IAM and STS. */
  readonly url: string;
  /** `AWSStepFunctions.TestState`, `DescribeStackEvents` … */
  readonly asked: string[];
  /** Of what was asked, what was not allowed: `iam:PassRole arn:…`. */
  readonly denied: string[];
  close(): Promise<void>;
}

export interface FakedAws {
  readonly account: string;
  /** Whether whoever asks may. */
  readonly may: (call: AskedCall) => boolean;
  /** By ARN of a version. */
  readonly definitions: () => Readonly<Record<string, object>>;
  /** Names of roles that are there. */
  readonly roles: () => readonly string[];
  /** Whether a role may write items with this partition key. */
  readonly mayWrite: (role: string, partition: string) => boolean;
  /** What Step Functions says of a state where it differs from the interpreter. */
  readonly instead: (state: string) => object | undefined;
  /** By name of a stack, newest first. */
  readonly events: () => Readonly<Record<string, readonly StackEvent[]>>;
}

/** Type, status, time, reason of a resource of a stack. */
export type StackEvent = readonly [type: string, status: string, at: string, reason?: string];

type Body = Readonly<Record<string, string>>;

export async function fakeAws(faked: FakedAws): Promise<FakeAws> {
  const sfn = await startSfn({});
  const asked: string[] = [];
  const denied: string[] = [];
  const server = await listening(async (request) => {
    const text = await request.text();
    const target = request.headers.get('x-amz-target') ?? '';
    const query = Object.fromEntries(new URLSearchParams(text));
    asked.push(target === '' ? String(query['Action']) : target);
    const refused = callsOf(faked, { target, text, query }).filter((call) => !faked.may(call));
    denied.push(...refused.map(({ action, resource }) => `${action} ${resource}`));
    if (refused.length > 0) return forbidden(target, denied.at(-1) ?? '');
    if (target === '') return xml(queried(faked, query));
    return stepFunctions(faked, { target, text, endpoint: sfn.endpoint });
  });
  return {
    url: server.url,
    asked,
    denied,
    close: async () => {
      await Promise.all([server.close(), sfn.close()]);
    },
  };
}

interface Asked {
  readonly target: string;
  readonly text: string;
  readonly query: Readonly<Record<string, string>>;
}

/** What IAM asks before a request is answered. */
function callsOf({ account }: FakedAws, { target, text, query }: Asked): readonly AskedCall[] {
  const { Action = '', RoleName = '', StackName = '' } = query;
  const here = `eu-central-1:${account}`;
  if (Action === 'GetCallerIdentity') return [];
  if (Action === 'GetRole') return [{ action: 'iam:GetRole', resource: roleArn(account, RoleName) }];
  if (target === '')
    return [
      {
        action: `cloudformation:${Action}`,
        resource: `arn:aws:cloudformation:${here}:stack/${StackName}/*`,
      },
    ];
  const action = target.replace('AWSStepFunctions.', 'states:');
  const { stateMachineArn = '*', roleArn: passed }: Body = JSON.parse(text);
  const context = { 'iam:PassedToService': 'states.amazonaws.com' };
  return [
    { action, resource: stateMachineArn },
    ...(passed === undefined ? [] : [{ action: 'iam:PassRole', resource: passed, context }]),
  ];
}

/** `role-of-sales`, below the folder of its DAG. */
function roleArn(account: string, name: string): string {
  return `arn:aws:iam::${account}:role/tutti/prod/${name.replace('role-of-', '')}/1a2b3c4d/${name}`;
}

function forbidden(target: string, what: string): Response {
  const message = `not authorized to perform: ${what}`;
  if (target !== '') return Response.json({ __type: 'AccessDeniedException', message }, { status: 400 });
  const text = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return new Response(text, { status: 403, headers: { 'content-type': 'text/xml' } });
}

async function stepFunctions(
  faked: FakedAws,
  { target, text, endpoint }: { readonly target: string; readonly text: string; readonly endpoint: string },
): Promise<Response> {
  const body: Body = JSON.parse(text);
  if (target.endsWith('.DescribeStateMachine')) {
    const arn = body['stateMachineArn'] ?? '';
    const definition = faked.definitions()[arn];
    if (definition === undefined)
      return Response.json({ __type: 'StateMachineDoesNotExist', message: arn }, { status: 400 });
    const [, name = ''] = /stateMachine:tutti-prod-([^:]+)/.exec(arn) ?? [];
    return Response.json({
      definition: JSON.stringify(definition),
      roleArn: roleArn(faked.account, `role-of-${name}`),
      stateMachineArn: arn,
    });
  }
  if (target.endsWith('.TestState') && body['roleArn'] !== undefined) return written(faked, body);
  const instead = target.endsWith('.TestState') ? faked.instead(body['stateName'] ?? '') : undefined;
  if (instead !== undefined) return Response.json(instead);
  return fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
    body: text,
  });
}

/** A write to an item that is not there, under the condition that it is. */
function written({ mayWrite }: FakedAws, body: Body): Response {
  const { Resource, Arguments } = JSON.parse(body['definition'] ?? '{}');
  if (
    Resource !== 'arn:aws:states:::aws-sdk:dynamodb:updateItem' ||
    Arguments.ConditionExpression === undefined
  )
    throw new Error('must be a write that changes nothing');
  const error = mayWrite(body['roleArn'] ?? '', Arguments.Key.pk.S)
    ? 'DynamoDb.ConditionalCheckFailedException'
    : 'DynamoDb.AccessDeniedException';
  return Response.json({ status: 'FAILED', error, cause: 'said by the test' });
}

function queried({ account, roles, events }: FakedAws, query: Readonly<Record<string, string>>): string {
  const { Action = '', RoleName = '', StackName = '' } = query;
  if (Action === 'GetCallerIdentity')
    return `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  if (Action === 'GetRole') {
    if (!roles().includes(RoleName))
      return `<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>${RoleName}</Message></Error></ErrorResponse>`;
    return `<GetRoleResponse><GetRoleResult><Role><RoleName>${RoleName}</RoleName></Role></GetRoleResult></GetRoleResponse>`;
  }
  const members = (events()[StackName] ?? []).map(
    ([
      type,
      status,
      at,
      reason,
    ]) => `<member><StackId>${StackName}</StackId><EventId>${at}</EventId><StackName>${StackName}</StackName>
      <PhysicalResourceId>${type === 'AWS::CloudFormation::Stack' ? StackName : 'other'}</PhysicalResourceId>
      <LogicalResourceId>Resource</LogicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>${status}</ResourceStatus>
      <Timestamp>${at}</Timestamp>${reason === undefined ? '' : `<ResourceStatusReason>${reason}</ResourceStatusReason>`}</member>`,
  );
  return `<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>${members.join('')}</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>`;
}

function xml(text: string): Response {
  const status = text.startsWith('<ErrorResponse') ? 404 : 200;
  return new Response(text, { status, headers: { 'content-type': 'text/xml' } });
}
