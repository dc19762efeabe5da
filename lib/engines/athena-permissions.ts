/** What queries of Athena must be allowed: the caller itself reads and writes tables, files and results. */
import type { Json } from '../base/json.ts';
import { arnIn, named, type Permission } from './permission.ts';

export interface AthenaPlace {
  readonly workGroup: Json | undefined;
  readonly catalog: Json | undefined;
  readonly database: Json | undefined;
  /** `false`: the work group keeps results itself. @default the DAG's folder of the environment's bucket */
  readonly outputLocation: Json | undefined;
  /** `bucket/prefix/*` of tables. @default files of the environment's bucket */
  readonly data?: readonly string[];
}

const OWN_BUCKET = 'tutti-{environment}-{account}-{region}';

/** Where results of a DAG are, and tables that it makes by `create table as`, if nobody says another place. */
const OWN_RESULTS = `${OWN_BUCKET}/athena/{dag}/*`;

const GLUE_CATALOG = 'AwsDataCatalog';

/**
 * @see https://docs.aws.amazon.com/athena/latest/ug/example-policies-workgroup.html
 * @see https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
 */
export function athenaPermissions({
  workGroup = 'primary',
  catalog = GLUE_CATALOG,
  database = 'default',
  outputLocation,
  data = [`${OWN_BUCKET}/files/*`],
}: AthenaPlace): readonly Permission[] {
  return [
    {
      actions: QUERY_ACTIONS,
      ...named('the work group', workGroup, (name) => arnIn('athena', `workgroup/${name}`)),
    },
    {
      actions: ['athena:GetDataCatalog'],
      ...named('the catalog', catalog, (name) => arnIn('athena', `datacatalog/${name}`)),
    },
    ...(catalog === GLUE_CATALOG ? glueTables(database) : []),
    {
      actions: ['lakeformation:GetDataAccess'],
      resources: ['*'],
      reason: 'lakeformation:GetDataAccess has no resource type; Lake Formation itself says which tables',
    },
    ...files('tables', ['s3:DeleteObject', ...FILE_ACTIONS], data),
    ...results(outputLocation),
  ];
}

/** Those of ending it among them. */
const QUERY_ACTIONS = [
  'athena:GetQueryExecution',
  'athena:GetQueryResults',
  'athena:GetQueryRuntimeStatistics',
  'athena:GetWorkGroup',
  'athena:StartQueryExecution',
  'athena:StopQueryExecution',
];

const FILE_ACTIONS = [
  's3:AbortMultipartUpload',
  's3:GetObject',
  's3:ListMultipartUploadParts',
  's3:PutObject',
];

function glueTables(database: Json | undefined): readonly Permission[] {
  const all = 'which tables a statement names is known only from its text, or during a run';
  const { resources, reason } = named('the database', database, (name) => name);
  const names = resources.map((name) => (name === '' ? '*' : name));
  return [
    {
      actions: [
        'glue:BatchCreatePartition',
        'glue:BatchDeletePartition',
        'glue:BatchGetPartition',
        'glue:CreatePartition',
        'glue:CreateTable',
        'glue:DeletePartition',
        'glue:DeleteTable',
        'glue:GetDatabase',
        'glue:GetDatabases',
        'glue:GetPartition',
        'glue:GetPartitions',
        'glue:GetTable',
        'glue:GetTables',
        'glue:UpdatePartition',
        'glue:UpdateTable',
      ],
      resources: [
        arnIn('glue', 'catalog'),
        ...names.flatMap((name) => [arnIn('glue', `database/${name}`), arnIn('glue', `table/${name}/*`)]),
      ],
      reason: reason === undefined ? all : `${all}; ${reason}`,
    },
    // Athena looks the default database up, whichever is asked for.
    { actions: ['glue:GetDatabase'], resources: [arnIn('glue', 'database/default')] },
  ];
}

function results(location: Json | undefined): readonly Permission[] {
  if (location === false) return [];
  if (location === undefined) return files('results', ['s3:DeleteObject', ...FILE_ACTIONS], [OWN_RESULTS]);
  if (typeof location !== 'string')
    return files('results', FILE_ACTIONS, ['*'], 'where results go is known only during a run');
  return files('results', FILE_ACTIONS, [`${location.replace(/^s3:\/\//, '')}*`]);
}

function files(
  what: string,
  actions: readonly string[],
  paths: readonly string[],
  reason = `files of ${what} have names of Athena's own`,
): readonly Permission[] {
  const buckets = [...new Set(paths.map((path) => path.split('/', 1)[0] ?? path))];
  return [
    { actions, resources: paths.map(arnOfBucket), reason },
    {
      actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
      resources: buckets.map(arnOfBucket),
    },
  ];
}

function arnOfBucket(path: string): string {
  return `arn:{partition}:s3:::${path}`;
}
