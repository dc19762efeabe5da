/** What an environment's configuration reaches, and what is there without it. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { compareTexts } from '../../lib/base/compare.ts';
import type { DeployedEnvironment } from '../../lib/constructs/index.ts';
import type { AwsConfig } from '../../lib/model/environment.ts';
import { AWS, type Deployed, deployed, ofType, pipeline, type Resource } from './deployed.ts';

const ONE = { 'a.ts': pipeline('a') };
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d';

function withAws(aws: Partial<AwsConfig>, more: Partial<DeployedEnvironment> = {}): Promise<Deployed> {
  return deployed(ONE, { aws: { ...AWS, ...aws }, ...more });
}

function all({ stacks }: Deployed): readonly Resource[] {
  return Object.values(stacks).flatMap((template) => Object.values(template));
}

function every(made: Deployed, type: string): readonly Resource[] {
  const found = all(made).filter(({ Type }) => Type === type);
  expect(found.length).toBeGreaterThan(0);
  return found;
}

test('an undivided DAG is nine resources, without a schedule eight; who deploys says whose runs are cancelled', async () => {
  // As the command line of CDK hands on `-c tutti:cancel=gone,older`.
  vi.stubEnv('CDK_CONTEXT_JSON', JSON.stringify({ 'tutti:cancel': 'gone, older' }));
  onTestFinished(() => void vi.unstubAllEnvs());
  const made = await deployed({ ...ONE, 'b.ts': pipeline('b', '1', '') });
  const { Dags0 = {} } = made.stacks;
  const count = (id: string) => Object.keys(Dags0).filter((name) => name.startsWith(id)).length;
  expect([count('a'), count('b')]).toEqual([9, 8]);
  const [{ Properties: asked = {} } = {}] = every(made, 'Custom::TuttiDags');
  expect(asked['Cancel']).toEqual(['gone', 'older']);
});

test('nothing is billed by the hour', async () => {
  const FREE_WHEN_IDLE = [
    'AWS::CloudWatch::Alarm',
    'AWS::DynamoDB::GlobalTable',
    'AWS::Events::EventBus',
    'AWS::Events::Rule',
    'AWS::IAM::ManagedPolicy',
    'AWS::IAM::Role',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Lambda::Function',
    'AWS::Lambda::Permission',
    'AWS::Lambda::Url',
    'AWS::Lambda::Version',
    'AWS::Logs::LogGroup',
    'AWS::S3::Bucket',
    'AWS::S3::BucketPolicy',
    'AWS::SNS::Topic',
    'AWS::SNS::TopicPolicy',
    'AWS::SQS::Queue',
    'AWS::SQS::QueuePolicy',
    'AWS::SSM::Parameter',
    'AWS::Scheduler::Schedule',
    'AWS::Scheduler::ScheduleGroup',
    'AWS::StepFunctions::StateMachine',
    'AWS::StepFunctions::StateMachineVersion',
    'Custom::TuttiDags',
  ];
  const made = await deployed(ONE);
  expect([...new Set(all(made).map(({ Type }) => Type))].sort(compareTexts)).toEqual(FREE_WHEN_IDLE);
  for (const { Properties = {} } of every(made, 'AWS::DynamoDB::GlobalTable'))
    expect(Properties['BillingMode']).toBe('PAY_PER_REQUEST');
  expect(made.texts).not.toMatchObject({ Core: expect.stringContaining('ProvisionedConcurren') });
});

test('the function of a DAG may read the secrets that its code or its options name, nobody else any', async () => {
  const arn = (name: string) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}`;
  const made = await deployed(
    {
      'support/services.js': `import { connection } from 'tutti';
export const shop = connection.http('shop');
export const payroll = connection.http('payroll');
export const stock = connection.http('stock');`,
      'named.ts': `import { dag, fn } from 'tutti';
import { shop } from './support/services.js';
export const named = dag('named', {}, ({ task }) => void task('a', fn(async ({ http, secret }) => {
  // stock, which a comment names, is asked by nobody: secret('none').
  await http(shop).get('/');
  return (await secret('key')).length;
})));`,
      'said.ts': `import { dag, fn } from 'tutti';
import { payroll, stock } from './support/services.js';
export const said = dag('said', { connections: [payroll], secrets: ['sales/*'] }, ({ task }) =>
  void task('a', fn(async ({ http, secret }) => [http(stock), await secret('key')])));`,
      'none.ts': pipeline('none'),
    },
    {
      connections: Object.fromEntries(
        ['shop', 'payroll', 'stock'].map((name) => [
          name,
          { kind: 'http', baseUrl: 'https://a.example.com', secret: `${name}-token` },
        ]),
      ),
    },
  );
  const read = every(made, 'AWS::IAM::Role').flatMap(({ Properties }) => {
    const [, found] =
      /"secretsmanager:GetSecretValue","Resource":(\[[^\]]*\]|"[^"]*")/.exec(JSON.stringify(Properties)) ??
      [];
    return found === undefined ? [] : [JSON.parse(found)];
  });
  expect(read).toEqual([
    [arn('key-??????'), arn('shop-token-??????')],
    [arn('payroll-token-??????'), arn('sales/*')],
  ]);
});

test('a boundary reaches every role', async () => {
  const made = await withAws({ permissionsBoundary: 'developers' });
  const roles = every(made, 'AWS::IAM::Role');
  expect(roles.length).toBe(12);
  for (const { Properties = {} } of roles)
    expect(JSON.stringify(Properties['PermissionsBoundary'])).toContain(':policy/developers');
});

test('a key reaches everything that keeps something, and every role may use it', async () => {
  const made = await withAws({ encryptionKey: KEY });
  const fields: Readonly<Record<string, string>> = {
    'AWS::DynamoDB::GlobalTable': 'Replicas',
    'AWS::S3::Bucket': 'BucketEncryption',
    'AWS::SQS::Queue': 'KmsMasterKeyId',
    'AWS::SNS::Topic': 'KmsMasterKeyId',
    'AWS::Logs::LogGroup': 'KmsKeyId',
    'AWS::Events::EventBus': 'KmsKeyIdentifier',
    'AWS::Lambda::Function': 'KmsKeyArn',
    'AWS::StepFunctions::StateMachine': 'EncryptionConfiguration',
  };
  for (const [type, field] of Object.entries(fields))
    for (const { Properties = {} } of every(made, type))
      expect(JSON.stringify(Properties[field])).toContain(KEY);
  const roles = every(made, 'AWS::IAM::Role').map((role) => JSON.stringify(role));
  expect(roles.filter((text) => !text.includes(KEY))).toEqual([]);
});

test('functions of DAGs are in the VPC, those of Core are not', async () => {
  const vpc = { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1'] };
  const { stacks } = await withAws({ vpc });
  const { Core = {}, Dags0 = {} } = stacks;
  expect(
    ofType(Dags0, 'AWS::Lambda::Function').map(({ Properties = {} }) => Properties['VpcConfig']),
  ).toEqual([{ SubnetIds: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds }]);
  expect(ofType(Core, 'AWS::Lambda::Function').filter((fn) => 'VpcConfig' in (fn.Properties ?? {}))).toEqual(
    [],
  );
});

test('what holds data stays in prod, and goes elsewhere', async () => {
  const [dev, kept] = [await deployed(ONE), await withAws({ keepData: true })];
  for (const type of ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket']) {
    expect(every(dev, type).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Delete']);
    expect(every(kept, type).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Retain']);
  }
  expect(JSON.stringify(every(kept, 'AWS::DynamoDB::GlobalTable'))).toContain(
    '"DeletionProtectionEnabled":true',
  );
});

test('objects go when nobody asks for them any more, values not before the runs that wrote them', async () => {
  const rules = (made: Deployed) =>
    every(made, 'AWS::S3::Bucket').map(({ Properties = {} }) => Properties['LifecycleConfiguration']);
  const others = [
    { Id: 'unfinished', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    {
      Id: 'replaced',
      Status: 'Enabled',
      NoncurrentVersionExpiration: { NoncurrentDays: 7 },
      ExpiredObjectDeleteMarker: true,
    },
  ];
  const values = { Id: 'values', Status: 'Enabled', Prefix: 'values/' };
  // Runs are kept 400 days where nobody says.
  expect(rules(await deployed(ONE))).toEqual([{ Rules: [...others, { ...values, ExpirationInDays: 430 }] }]);
  expect(rules(await deployed(ONE, { retention: { age: '36h', keep: 9 } }))).toEqual([
    { Rules: [...others, { ...values, ExpirationInDays: 32 }] },
  ]);
  expect(rules(await deployed(ONE, { retention: {} }))).toEqual([{ Rules: others }]);
});

test('tasks of another size have a function of their own, by the name that machines call', async () => {
  const sized = pipeline('a').replace('async () => 2)', 'async () => 2, { memory: 2048 })');
  const { stacks } = await deployed({ 'a.ts': sized });
  const functions = ofType(stacks['Dags0'] ?? {}, 'AWS::Lambda::Function').map(({ Properties = {} }) => [
    Properties['FunctionName'],
    Properties['MemorySize'],
  ]);
  expect(functions).toEqual([
    ['tutti-dev-a-0', 512],
    ['tutti-dev-a-0-m2048', 2048],
  ]);
  const [register] = ofType(stacks['Dags0'] ?? {}, 'Custom::TuttiDags');
  expect(JSON.stringify(register?.Properties?.['Dags'])).toMatch(/"fns":\{"main":.*"m2048":/);
});

test('schedules fire what is registered; dates every year, whether they have passed or not', async () => {
  const dates = "schedule: dates(['2020-01-01', '2099-06-01'])";
  const made = await deployed({
    ...ONE,
    'b.ts': pipeline('b', '1', dates).replace('{ dag, fn }', '{ dag, dates, fn }'),
  });
  const schedules = ofType(made.stacks['Dags0'] ?? {}, 'AWS::Scheduler::Schedule');
  expect(schedules.map(({ Properties = {} }) => Properties['ScheduleExpression'])).toEqual([
    'cron(0 0 * * ? *)',
    'cron(0 0 1 1 ? *)',
    'cron(0 0 1 6 ? *)',
  ]);
  for (const { DependsOn } of schedules) expect(DependsOn).toEqual(['Register']);
});

test('a notifier of SNS has a topic of its own, and its addresses', async () => {
  const notifiers = {
    oncall: { kind: 'sns', email: ['oncall@example.com'] },
    theirs: { kind: 'sns', topicArn: 'arn:aws:sns:eu-central-1:444455556666:theirs' },
  } as const;
  const made = await deployed(ONE, { notifiers });
  expect(every(made, 'AWS::SNS::Topic').map(({ Properties = {} }) => Properties['TopicName'])).toEqual([
    'tutti-dev-alerts',
    'tutti-dev-oncall',
  ]);
  expect(every(made, 'AWS::SNS::Subscription').map(({ Properties = {} }) => Properties['Endpoint'])).toEqual([
    'oncall@example.com',
  ]);
  const [record] = every(made, 'AWS::IAM::Role').filter((role) =>
    JSON.stringify(role).includes('sns:Publish'),
  );
  expect(JSON.stringify(record)).toContain(notifiers.theirs.topicArn);
});

test('an HTTP API reads by a token and writes by a signature', async () => {
  const jwt = { issuer: 'https://login.example.com', audience: ['tutti'] };
  const made = await withAws({ api: { jwt, origin: 'https://ui.example.com' } });
  const routes = every(made, 'AWS::ApiGatewayV2::Route').map(({ Properties = {} }) => [
    Properties['RouteKey'],
    Properties['AuthorizationType'],
  ]);
  expect(routes).toEqual([
    ['GET /{proxy+}', 'JWT'],
    ['POST /{proxy+}', 'AWS_IAM'],
    ['PUT /{proxy+}', 'AWS_IAM'],
    ['PATCH /{proxy+}', 'AWS_IAM'],
    ['DELETE /{proxy+}', 'AWS_IAM'],
  ]);
});

test('addresses want a signature', async () => {
  const urls = every(await deployed(ONE), 'AWS::Lambda::Url');
  expect(urls.map(({ Properties = {} }) => Properties['AuthType'])).toEqual(['AWS_IAM', 'AWS_IAM']);
});

test('no value of a configuration that may be a secret is in a template or a definition', async () => {
  const headers = { 'x-key': 'open-sesame' };
  const { texts, documents } = await deployed(ONE, {
    connections: {
      shop: { kind: 'http', baseUrl: 'https://shop.example.com', headers, secret: 'shop/token' },
    },
    notifiers: { hook: { kind: 'webhook', url: 'https://chat.example.com/T0K3N', headers } },
  });
  for (const text of [...Object.values(texts), ...documents]) {
    expect(text).not.toContain('open-sesame');
    expect(text).not.toContain('T0K3N');
  }
});

test('no part of a right is left to be filled in', async () => {
  const source = `
    import { dag, ecs, glue, lambda, stepFunctions } from 'tutti';
    export const jobs = dag('jobs', {}, ({ task }) => {
      task('train', ecs.runTask({ taskDefinition: 'train', cluster: 'jobs' }));
      task('load', glue.startJob({ jobName: 'load' }));
      task('score', lambda.invoke({ functionName: 'score' }));
      task('child', stepFunctions.startExecution({ stateMachineArn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:child' }));
    });`;
  const made = await deployed({ 'jobs.ts': source });
  const roles = every(made, 'AWS::IAM::Role').map((role) => JSON.stringify(role));
  expect(roles.filter((text) => /\{(partition|region|account|environment)\}/.test(text))).toEqual([]);
  expect(roles.some((text) => text.includes('arn:aws:ecs:eu-central-1:111122223333:cluster/jobs'))).toBe(
    true,
  );
});
