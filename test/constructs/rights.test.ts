/** What the roles of a DAG with every engine are allowed, as it stands in the template: all of it, and no more. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AWS, deployed, type Template } from './deployed.ts';

const PIPELINE = `import {
  athena, connection, dag, ecs, emrServerless, fn, glue, http, lambda, manual, pool, sensor, sql, stepFunctions, trigger,
} from 'tutti';
const lake = connection.sql('lake');
const local = connection.sql('local');
const shop = connection.http('shop');
const stock = connection.http('stock');
export const other = dag('other', {}, ({ task }) => void task('a', glue.startJob({ jobName: 'a' })));
export const all = dag('all', { schedule: manual() }, ({ task, run }) => {
  task('glue', glue.startJob({ jobName: 'clean' }));
  task('ecs', ecs.runTask({ taskDefinition: 'train:7', cluster: 'jobs', passRoles: ['arn:aws:iam::111122223333:role/train'] }));
  task('ecs_default', ecs.runTask({ taskDefinition: 'score', passRoles: ['arn:aws:iam::111122223333:role/train'] }));
  task('spark', emrServerless.startJobRun({
    applicationId: '00f',
    executionRoleArn: 'arn:aws:iam::111122223333:role/spark',
    jobDriver: { sparkSubmit: { entryPoint: 's3://b/job.py' } },
  }));
  task('machine', stepFunctions.startExecution({
    stateMachineArn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:child',
  }));
  task('lambda', lambda.invoke({ functionName: 'score-orders' }));
  task('athena', athena.query({ queryString: 'select 1', workGroup: 'own', outputLocation: false }));
  task('athena_sql', lake.execute(sql\`select 1\`));
  task('duckdb', local.execute(sql\`select 1\`));
  task('http', http.request({ connection: shop, path: '/' }));
  task('fn', fn(({ http, secret }) => [http(stock), secret('key')]), { pool: pool('few', { slots: 2 }) });
  task('key', sensor.s3Key({ bucket: 'landing', key: 'orders/*.csv' }, {}));
  task('run', sensor.dagRun(other));
  task('trigger', trigger.dag(other, { logicalDate: run.logicalDate, wait: true }));
});
`;

const root = mkdtempSync(join(tmpdir(), 'tutti-rights-'));
let template: Template;

beforeAll(async () => {
  const made = await deployed(
    { 'all.ts': PIPELINE },
    {
      aws: { ...AWS, architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64' },
      connections: {
        lake: { kind: 'sql', engine: 'athena', database: 'sales', workGroup: 'team', data: ['sales-lake/*'] },
        local: { kind: 'sql', database: 'local/main.duckdb' },
        shop: { kind: 'http', baseUrl: 'https://shop.example.com', secret: 'shop-token' },
        stock: { kind: 'http', baseUrl: 'https://stock.example.com', secret: 'stock-token' },
        unused: { kind: 'http', baseUrl: 'https://other.example.com', secret: 'other-token' },
      },
    },
    root,
  );
  template = made.stacks['Dags0'] ?? {};
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Actions, resources, conditions; where a star is among the resources, why nothing narrower would do. */
type Row = readonly [actions: string, resources: string, conditions?: string, star?: string];

/** Its waits are long, so it has parts. */
const OWN = ['', '-part1', '-rerun', '-rerun-part1'].map((end) => `tutti-dev-all-0${end}`);

const MACHINE: readonly Row[] = [
  [
    'states:StartExecution',
    OWN.map((name) => `states::stateMachine:${name} states::stateMachine:${name}:*`).join(' '),
    '',
    'versions of its own machines',
  ],
  [
    'states:DescribeExecution states:StopExecution',
    OWN.map((name) => `states::execution:${name}:* states::execution:${name}/*`).join(' '),
    '',
    'executions of its own machines',
  ],
  [
    'events:DescribeRule events:PutRule events:PutTargets',
    'events::rule/StepFunctionsGetEventsForStepFunctionsExecutionRule',
  ],
  [
    'lambda:InvokeFunction',
    'lambda::function:tutti-dev-all-0 lambda::function:tutti-dev-all-0:* lambda::function:tutti-dev-pool',
    '',
    'a run keeps the version of the function that it began with',
  ],
  ['glue:BatchStopJobRun glue:GetJobRun glue:GetJobRuns glue:StartJobRun', 'glue::job/clean'],
  [
    'ecs:RunTask',
    'ecs::task-definition/train:*',
    'ArnEquals ecs:cluster ecs::cluster/jobs',
    'any revision of the family',
  ],
  [
    'ecs:DescribeTasks ecs:StopTask',
    '*',
    'ArnEquals ecs:cluster ecs::cluster/jobs',
    'the ARN of a task is known only once it runs; its cluster is',
  ],
  [
    'ecs:RunTask',
    'ecs::task-definition/score:*',
    'ArnEquals ecs:cluster ecs::cluster/default',
    'any revision of the family',
  ],
  [
    'ecs:DescribeTasks ecs:StopTask',
    '*',
    'ArnEquals ecs:cluster ecs::cluster/default',
    'the ARN of a task is known only once it runs; its cluster is',
  ],
  [
    'iam:PassRole',
    'arn:aws:iam::111122223333:role/train',
    'StringEquals iam:PassedToService ecs-tasks.amazonaws.com',
  ],
  ['emr-serverless:StartJobRun', 'emr-serverless::/applications/00f'],
  [
    'emr-serverless:CancelJobRun emr-serverless:GetJobRun',
    'emr-serverless::/applications/00f/jobruns/*',
    '',
    'the id of a job run is known only once it runs',
  ],
  [
    'iam:PassRole',
    'arn:aws:iam::111122223333:role/spark',
    'StringEquals iam:PassedToService emr-serverless.amazonaws.com',
  ],
  ['states:StartExecution', 'states::stateMachine:child'],
  [
    'states:DescribeExecution states:StopExecution',
    'states::execution:child:*',
    '',
    'an execution is named when it starts',
  ],
  [
    'events:DescribeRule events:PutRule events:PutTargets',
    ['ECSTask', 'EMRServerlessJob', 'StepFunctionsExecution']
      .map((of) => `events::rule/StepFunctionsGetEventsFor${of}Rule`)
      .join(' '),
  ],
];

const ATHENA = ['GetQueryExecution', 'GetQueryResults', 'GetQueryRuntimeStatistics', 'GetWorkGroup'];
const PARTITIONS = ['BatchCreatePartition', 'BatchDeletePartition', 'BatchGetPartition', 'CreatePartition'];
const TABLES = [
  'CreateTable',
  'DeletePartition',
  'DeleteTable',
  'GetDatabase',
  'GetDatabases',
  'GetPartition',
];
const MORE = ['GetPartitions', 'GetTable', 'GetTables', 'UpdatePartition', 'UpdateTable'];
const of = (service: string, ...names: readonly string[]) =>
  names.map((name) => `${service}:${name}`).join(' ');

const FUNCTION: readonly Row[] = [
  [
    'logs:CreateLogStream logs:PutLogEvents',
    'logs::log-group:/tutti/dev:*',
    '',
    'streams of the one log group',
  ],
  [
    of('dynamodb', 'BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'dynamodb::table/tutti-dev',
    'ForAllValues:StringLike dynamodb:LeadingKeys RUN#all#*,STATE#all',
  ],
  [
    of('s3', 'DeleteObject', 'GetObject', 'PutObject'),
    'BUCKET/files/* BUCKET/values/all/* BUCKET/databases/local/main.duckdb',
    '',
    'files that DAGs share, values of the DAG',
  ],
  ['s3:ListBucket', 'BUCKET', 'StringLike s3:prefix files/*,values/all/*,databases/local/main.duckdb'],
  [
    'secretsmanager:GetSecretValue',
    ['key', 'shop-token', 'stock-token'].map((name) => `secretsmanager::secret:${name}-??????`).join(' '),
  ],
  ['lambda:InvokeFunction', 'lambda::function:tutti-dev-tick'],
  ['lambda:InvokeFunction', 'lambda::function:score-orders'],
  [
    of('athena', ...ATHENA, 'StartQueryExecution', 'StopQueryExecution'),
    'athena::workgroup/own athena::workgroup/team',
  ],
  ['athena:GetDataCatalog', 'athena::datacatalog/AwsDataCatalog'],
  [
    of('glue', ...PARTITIONS, ...TABLES, ...MORE),
    'glue::catalog glue::database/default glue::database/sales glue::table/default/* glue::table/sales/*',
    '',
    'which tables a statement names is known only from its text',
  ],
  ['glue:GetDatabase', 'glue::database/default'],
  ['lakeformation:GetDataAccess', '*', '', 'it has no resource type'],
  [
    of('s3', 'AbortMultipartUpload', 'DeleteObject', 'GetObject', 'ListMultipartUploadParts', 'PutObject'),
    'arn:aws:s3:::sales-lake/* BUCKET/athena/all/* BUCKET/files/*',
    '',
    'files of tables and results have names of Athena’s own',
  ],
  [
    of('s3', 'GetBucketLocation', 'ListBucket', 'ListBucketMultipartUploads'),
    'arn:aws:s3:::sales-lake BUCKET',
  ],
  [
    's3:GetObject',
    'arn:aws:s3:::landing/orders/*',
    '',
    'which objects there are is known only when it looks',
  ],
  ['s3:ListBucket', 'arn:aws:s3:::landing', 'StringLike s3:prefix orders/*'],
];

test.each([
  ['machines', 'allRole', MACHINE],
  ['function', 'allFunctionRole', FUNCTION],
])('of %s', (_, role, rows) => {
  const expected = rows.map(([actions, resources, conditions = '']) =>
    [actions, resources, conditions].join(' | '),
  );
  expect(statements(role).toSorted()).toEqual(expected.toSorted());
  for (const [actions, resources, , star] of rows)
    expect([actions, resources.includes('*')]).toEqual([actions, star !== undefined]);
});

test('of a DAG that does less are less', () => {
  expect(statements('otherRole')).toEqual([
    'glue:BatchStopJobRun glue:GetJobRun glue:GetJobRuns glue:StartJobRun | glue::job/a | ',
  ]);
  expect(statements('otherFunctionRole').filter((line) => !/^(logs|dynamodb):/.test(line))).toEqual([
    's3:DeleteObject s3:GetObject s3:PutObject | BUCKET/values/other/* | ',
    's3:ListBucket | BUCKET | StringLike s3:prefix values/other/*',
  ]);
});

test('are filled in, wherever they stand', () => {
  const policies = Object.values(template).filter(({ Type }) => Type.startsWith('AWS::IAM::'));
  expect(policies.length).toBe(4);
  expect(JSON.stringify(policies)).not.toMatch(/\{(partition|region|account|environment|dag)\}/);
});

/** Of a role, shortened. */
function statements(role: string): readonly string[] {
  const [, found] =
    Object.entries(template).find(([id]) => new RegExp(`^${role}[0-9A-F]{8}$`).test(id)) ?? [];
  const text = JSON.stringify(found?.Properties?.['Policies'] ?? [])
    .replaceAll(`arn:aws:s3:::tutti-dev-${AWS.account}-${AWS.region}`, 'BUCKET')
    .replaceAll(new RegExp(`arn:aws:([\\w-]+):${AWS.region}:${AWS.account}:`, 'g'), '$1::');
  const policies: readonly Policy[] = JSON.parse(text);
  return policies.flatMap(({ PolicyDocument: { Statement } }) =>
    Statement.map(({ Action, Resource, Condition = {} }) =>
      [list(Action), list(Resource), Object.entries(Condition).map(conditionText).join(' ')].join(' | '),
    ),
  );
}

interface Policy {
  readonly PolicyDocument: {
    readonly Statement: readonly {
      readonly Action: Texts;
      readonly Resource: Texts;
      readonly Condition?: Readonly<Record<string, Readonly<Record<string, Texts>>>>;
    }[];
  };
}

type Texts = string | readonly string[];

function list(texts: Texts): string {
  return typeof texts === 'string' ? texts : texts.join(' ');
}

function conditionText([operator, keys]: readonly [string, Readonly<Record<string, Texts>>]): string {
  return Object.entries(keys)
    .map(([key, value]) => `${operator} ${key} ${String(value)}`)
    .join(' ');
}
