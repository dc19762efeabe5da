/**
 * Names of what an environment has on AWS: everything follows from the environment, the DAG's id and its stack, so that no
 * stack needs to tell another one anything.
 */
import { shortHash } from '../base/hash.ts';

/** An environment's name as it may stand in names: no hyphen, so that `tutti-prod-` is the beginning of no other's. */
export const ENVIRONMENT_NAME = /^[a-z0-9]{1,12}$/;

/** Of Core's functions. */
export const CORE_FUNCTIONS = [
  'tick',
  'record',
  'sweep',
  'backfill',
  'register',
  'cancel',
  'pool',
  'api-read',
  'api-write',
] as const;

export type CoreFunction = (typeof CORE_FUNCTIONS)[number];

/** Where names and ARNs are. */
export interface AwsPlace {
  readonly environment: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
}

/** Beginning of every name of an environment; rules and policies select by it. */
export function prefixOf(environment: string): string {
  return `tutti-${environment}-`;
}

export function coreStackName(environment: string): string {
  return `${prefixOf(environment)}core`;
}

/** `stack`: `0` … `S-1`, or what `stackOf` says. */
export function dagsStackName(environment: string, stack: string): string {
  return `${prefixOf(environment)}dags-${stack}`;
}

/** The table; also the bus and the schedule group. */
export function tableName(environment: string): string {
  return `tutti-${environment}`;
}

export function coreFunctionName(environment: string, name: CoreFunction): string {
  return `${prefixOf(environment)}${name}`;
}

export function deadLetterQueueName(environment: string): string {
  return `${prefixOf(environment)}dead`;
}

/** Of people that are told: `alerts`, or a notifier's name. */
export function topicName(environment: string, notifier = 'alerts'): string {
  return `${prefixOf(environment)}${notifier}`;
}

/** Not `aws/…`: CloudWatch refuses that. */
export function logGroupName(environment: string): string {
  return `/tutti/${environment}`;
}

/** This prefix keeps the account's resource policy for logs short. @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
export function machineLogGroupName(environment: string): string {
  return `/aws/vendedlogs/states/${prefixOf(environment)}machines`;
}

/** Files of tasks, large values, DuckDB files. Bucket names are the world's, so account and region are in it. */
export function bucketName({ environment, account, region }: AwsPlace): string {
  return `tutti-${environment}-${account}-${region}`;
}

/** Folders of the bucket. */
export const BUCKET = {
  /**
   * `ctx.files`: all DAGs of the environment see the same ones, as in the one folder of a laptop. One writes what another
   * reads, or waits for by `sensor.file`: with a folder each, DAGs could hand nothing on but by buckets of somebody else's.
   */
  files: 'files/',
  /** Outputs too large to travel, by DAG. */
  values: 'values/',
  /** DuckDB files of connections. */
  databases: 'databases/',
  /** Results of Athena, by DAG. */
  athena: 'athena/',
} as const;

/** Longest that a DAG's id stands in names as it is; Lambda allows 64 characters in all. */
const LONGEST_ID = 40;

/** A DAG's id in names. */
export function dagPart(dagId: string): string {
  return dagId.length <= LONGEST_ID ? dagId : `${dagId.slice(0, 31)}-${shortHash(dagId)}`;
}

/** Of a DAG's machine, and of the function that runs its tasks. The stack in it lets a DAG move between stacks. */
export function dagName(environment: string, dagId: string, stack: string): string {
  return `${prefixOf(environment)}${dagPart(dagId)}-${stack}`;
}

/** Of the function of tasks of another size: `key` as machines know it, `m1024`. Lambda allows 64 characters. */
export function sizedName(environment: string, dagId: string, stack: string, key: string): string {
  const name = `${dagName(environment, dagId, stack)}-${key}`;
  if (name.length <= 64) return name;
  return `${prefixOf(environment)}${dagId.slice(0, 20)}-${shortHash(dagId)}-${stack}-${shortHash(key)}`;
}

/** Of the machine that runs some tasks of a run again. */
export function rerunName(environment: string, dagId: string, stack: string): string {
  return `${dagName(environment, dagId, stack)}-rerun`;
}

/** Of a schedule of a DAG; `key`: of its expression among those that the DAG's schedule takes. */
export function scheduleName(dagId: string, stack: string, key: string): string {
  return `${dagPart(dagId)}-${stack}-${key}`;
}

export function arnOf(place: AwsPlace, service: string, resource: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.account}:${resource}`;
}

/** End of the names of AWS's hosts in a region. */
export function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}

/** Partition of a region. @see https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
export function partitionOf(region: string): string {
  const found = PARTITIONS.find(([prefix]) => region.startsWith(prefix));
  return found?.[1] ?? 'aws';
}

const PARTITIONS: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eusc-', 'aws-eusc'],
];
