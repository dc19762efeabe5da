/** What a DAG's own function may do: its tasks' work, in the DAG's own places. */
import type { Permission } from '../engines/permission.ts';
import { permissionsOf } from '../engines/permissions-of.ts';
import { RUN_SENSOR } from '../engines/run-wait.ts';
import type { Asks } from '../model/asks.ts';
import { DAG_TRIGGER } from '../model/awaited-dags.ts';
import type { DagNode } from '../model/dag.ts';
import type { ConnectionConfig } from '../model/environment.ts';
import { type AwsPlace, arnOf, BUCKET, coreFunctionName } from './names.ts';
import { allow, bucketArn, leadingKeys, readSecrets, tableArn, writeLogs } from './rights.ts';

export interface Bound {
  readonly place: AwsPlace;
  /** Of the environment; of a DAG's rights, those that it uses. */
  readonly connections: Readonly<Record<string, ConnectionConfig>>;
  /** What bodies of the DAG may read. */
  readonly secrets: readonly string[];
}

/** Those that the DAG's tasks name, and that bodies of its functions ask. */
export function connectionsOf(
  dag: DagNode,
  { connections }: Pick<Bound, 'connections'>,
  asks?: Asks,
): Readonly<Record<string, ConnectionConfig>> {
  const used = new Set([...dag.connections.map(({ name }) => name), ...(asks?.connections ?? [])]);
  return Object.fromEntries(Object.entries(connections).filter(([name]) => used.has(name)));
}

export function functionRights(dag: DagNode, bound: Bound): readonly Permission[] {
  const { place } = bound;
  const keys = [`RUN#${dag.id}#*`, `STATE#${dag.id}`];
  return [
    writeLogs(place),
    allow(
      [
        'dynamodb:BatchGetItem',
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      ],
      [tableArn(place)],
      { conditions: leadingKeys(keys) },
    ),
    ...rightsOfTasks(dag, bound),
  ];
}

/** Those that follow from what the DAG's tasks do: every DAG's function may write logs, and its own items. */
export function rightsOfTasks(dag: DagNode, { place, connections, secrets }: Bound): readonly Permission[] {
  const own = Object.values(connections).flatMap((one) =>
    one.kind === 'http' && one.secret !== undefined ? [one.secret] : [],
  );
  return [
    ...bucketRights(dag, { place, connections }),
    ...readSecrets(place, [...own, ...secrets]),
    ...tickRights(dag, place),
    ...permissionsOf(dag, connections).function.map((right) => filled(right, place, dag.id)),
  ];
}

/**
 * The folders of the bucket. Values are the DAG's own, databases those of its connections; files are the environment's:
 * functions write them and delete them, statements and sensors only read them, others need none.
 */
function bucketRights(dag: DagNode, { place, connections }: Omit<Bound, 'secrets'>): readonly Permission[] {
  const databases = Object.entries(connections).flatMap(([name, one]) =>
    usesDuckdb(one) ? [`${BUCKET.databases}${databaseKey(name, one)}`] : [],
  );
  const values = `${BUCKET.values}${dag.id}/*`;
  const files = `${BUCKET.files}*`;
  const use = usesFiles(dag);
  const changed = [...(use === 'change' ? [files] : []), values, ...databases];
  const seen = use === 'none' ? changed : [...new Set([files, ...changed])];
  const bucket = bucketArn(place);
  const arns = (folders: readonly string[]) => folders.map((folder) => `${bucket}/${folder}`);
  const reason = 'files of the environment, which its DAGs share, and values of the one DAG';
  return [
    allow(['s3:DeleteObject', 's3:GetObject', 's3:PutObject'], arns(changed), { reason }),
    ...(use === 'read' ? [allow(['s3:GetObject'], arns([files]), { reason })] : []),
    allow(['s3:ListBucket'], [bucket], { conditions: { StringLike: { 's3:prefix': seen } } }),
  ];
}

function usesFiles({ tasks }: DagNode): 'change' | 'read' | 'none' {
  if (tasks.some(({ call }) => BODIES.has(call.kind) || (call.kind === 'sensor' && call.sensor === 'fn')))
    return 'change';
  const reads = ({ call }: DagNode['tasks'][number]) =>
    (call.kind === 'engine' && call.engine.startsWith('sql.')) ||
    (call.kind === 'sensor' && (call.sensor.startsWith('sql.') || call.sensor === 'file.exists'));
  return tasks.some(reads) ? 'read' : 'none';
}

/** Kinds of calls that are functions of the author's. */
const BODIES: ReadonlySet<string> = new Set(['fn', 'branch', 'shortCircuitFn']);

/** Tasks that start runs of other DAGs, or wait for them, tell `tick`. */
function tickRights({ tasks }: DagNode, place: AwsPlace): readonly Permission[] {
  const tells = ({ call }: DagNode['tasks'][number]) =>
    (call.kind === 'engine' && call.engine === DAG_TRIGGER) ||
    (call.kind === 'sensor' && call.sensor === RUN_SENSOR);
  if (!tasks.some(tells)) return [];
  const tick = coreFunctionName(place.environment, 'tick');
  return [allow(['lambda:InvokeFunction'], [arnOf(place, 'lambda', `function:${tick}`)])];
}

/** A right with what only a deployment knows, and the DAG's id. */
export function filled(right: Permission, place: AwsPlace, dag: string): Permission {
  const { partition, region, account, environment } = place;
  const values: Readonly<Record<string, string>> = { partition, region, account, environment, dag };
  const fill = (text: string) =>
    text.replaceAll(
      /\{(partition|region|account|environment|dag)\}/g,
      (_, name: string) => values[name] ?? '',
    );
  return { ...right, resources: right.resources.map(fill), ...filledConditions(right, fill) };
}

function filledConditions(
  { conditions }: Permission,
  fill: (text: string) => string,
): Pick<Permission, 'conditions'> {
  if (conditions === undefined) return {};
  const operators = Object.entries(conditions).map(([operator, keys]) => [
    operator,
    Object.fromEntries(
      Object.entries(keys).map(([key, value]) => [
        key,
        typeof value === 'string' ? fill(value) : value.map(fill),
      ]),
    ),
  ]);
  return { conditions: Object.fromEntries(operators) };
}

export function usesDuckdb(connection: ConnectionConfig): boolean {
  return connection.kind === 'sql' && (connection.engine ?? 'duckdb') === 'duckdb';
}

/** Below `databases/`. */
function databaseKey(name: string, connection: ConnectionConfig): string {
  return (connection.kind === 'sql' ? connection.database : undefined) ?? `${name}.duckdb`;
}
