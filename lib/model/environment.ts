import type { Duration } from '../base/duration.ts';

/** What `tutti.config.ts` says: where the pipelines are, and what their connections mean in each place. */
export interface TuttiConfig {
  /** Globs of pipeline files, relative to the configuration file. @default ['pipelines/**\/*.ts'] */
  readonly pipelines?: readonly string[];
  /** By name; the one here is `local`. */
  readonly environments: Readonly<Record<string, EnvironmentConfig>>;
}

/** One environment as written; its name is its key in `environments`. */
export interface EnvironmentConfig {
  /** What each `connection.sql(name)` and `connection.http(name)` is bound to. @default {} */
  readonly connections?: Readonly<Record<string, ConnectionSetting>>;
  /** What each `notifier(name)` is; the one named `default` is told of failures nobody else is told of. @default {} */
  readonly notifiers?: Readonly<Record<string, NotifierConfig>>;
  /** How long runs are kept; `{}` keeps all of them. @default { age: '400d', keep: 10_000 } */
  readonly retention?: RetentionConfig;
  /** Where it is deployed. Absent: it is not, like `local`. */
  readonly aws?: AwsConfig;
}

/** One deployment: an account, a region, and how. */
export interface AwsConfig {
  /** 12 digits. */
  readonly account: string;
  /** `eu-central-1` */
  readonly region: string;
  /** The region is newer than the list of the installed CDK, which is refused otherwise. @default false */
  readonly newRegion?: boolean;
  /** Number of stacks that DAGs are spread over, 1 to 100; or the stack of each: `(dag) => 'sales'`. @default 1, in `prod` 8 */
  readonly stacks?:
    | number
    | ((dag: { readonly id: string; readonly owner?: string; readonly tags: readonly string[] }) => string);
  /** Of every resource. @default {} */
  readonly tags?: Readonly<Record<string, string>>;
  /** Name of the managed policy that bounds every role. @default none */
  readonly permissionsBoundary?: string;
  /** Functions of DAGs run in it. @default none */
  readonly vpc?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
  /**
   * ARN of the key that encrypts table, bucket, queue, topics, logs, functions and machines. Its policy has to let CloudWatch,
   * CloudWatch Logs, EventBridge and SNS use it. @default keys of AWS
   */
  readonly encryptionKey?: string;
  /** Keeps the table where the stack is removed, and lets it be restored to any second. @default true in `prod` */
  readonly keepData?: boolean;
  /** @default 'arm64' */
  readonly architecture?: 'arm64' | 'x86_64';
  /** How often lost firings and events are looked for. @default '5m' in `prod`, else '15m' */
  readonly sweepEvery?: Duration;
  /** An HTTP API with sign-in by JWT, beside the signed function URLs. @default none */
  readonly api?: {
    readonly jwt: { readonly issuer: string; readonly audience: readonly string[] };
    readonly origin?: string;
  };
  /** Execution logs of machines. @default 'OFF' */
  readonly logs?: 'OFF' | 'ERROR' | 'ALL';
  /** X-Ray. @default false */
  readonly tracing?: boolean;
  /** Reserved concurrency of functions: `{ record: 5 }`. @default none: new accounts have none to give */
  readonly concurrency?: Readonly<Record<string, number>>;
}

/** Which runs that ended are kept: those within both limits. Runs that go on are kept whatever it says. */
export interface RetentionConfig {
  /** Those that ended within this time. @default of any age */
  readonly age?: Duration;
  /** Of each DAG so many, those of the newest logical dates. @default any number */
  readonly keep?: number;
}

/**
 * What is kept where nobody says. 400 days, as of task runs on AWS: a year, and the month in which somebody compares it
 * with the one before. 10,000 runs of a DAG: those of an hourly one in 400 days, so that only what runs more often is cut.
 */
export const DEFAULT_RETENTION: RetentionConfig = { age: '400d', keep: 10_000 };

/** How somebody is told. */
export type NotifierConfig =
  /** A line on the console of `tutti dev`. */
  | { readonly kind: 'console' }
  /** The message as JSON, by POST. */
  | {
      readonly kind: 'webhook';
      readonly url: string;
      /** Sent with every message. @default {} */
      readonly headers?: Readonly<Record<string, string>>;
      /** Name of the environment variable (here) or secret (there) that holds the bearer token. @default none */
      readonly secret?: string;
    }
  /** A topic of SNS: of the environment's own where none is named. On AWS only. */
  | {
      readonly kind: 'sns';
      /** @default a topic `tutti-<environment>-<notifier>` of its own */
      readonly topicArn?: string;
      /** Addresses that are told by e-mail, each asked once whether it wants to. @default [] */
      readonly email?: readonly string[];
      /** `chat`: as chat applications show it (Amazon Q Developer in chat applications). @default 'text' */
      readonly format?: 'text' | 'chat';
    };

/** A connection as written: what is costly to find out is asked for when a run starts. */
export type ConnectionSetting = SqlConnectionConfig | HttpConnectionSetting;

export interface HttpConnectionSetting extends Omit<HttpConnectionConfig, 'baseUrl'> {
  /** Requests are relative to it; a function is called once as a run starts, and never by other commands. */
  readonly baseUrl: string | (() => string | Promise<string>);
}

/** One place where DAGs run: the laptop (`local`), or a deployment. */
export interface Environment {
  readonly name: string;
  readonly connections: Readonly<Record<string, ConnectionConfig>>;
}

/** What a connection's name is bound to in one environment. */
export type ConnectionConfig = SqlConnectionConfig | HttpConnectionConfig;

export interface SqlConnectionConfig {
  readonly kind: 'sql';
  /** What runs it. @default 'duckdb' */
  readonly engine?: 'duckdb' | 'athena';
  /**
   * DuckDB here: the file, relative to the configuration file. On AWS: its key below `databases/` of the environment's
   * bucket. Athena: the database of unqualified names. @default '.tutti/<connection>.duckdb', '<connection>.duckdb', 'default'
   */
  readonly database?: string;
  /** Of Athena. @default 'primary' */
  readonly workGroup?: string;
  /** Of Athena. @default 'AwsDataCatalog' */
  readonly catalog?: string;
  /**
   * Of Athena: `s3://bucket/prefix/` of results; where the work group enforces a place, that one; `false` where it keeps
   * results itself. @default `athena/<dag>/` of the environment's bucket
   */
  readonly outputLocation?: string | false;
  /** Of Athena: buckets and prefixes, `bucket/prefix/*`, that its tables are in. @default `files/*` of the environment's bucket */
  readonly data?: readonly string[];
}

export interface HttpConnectionConfig {
  readonly kind: 'http';
  /** Requests are relative to it: `https://shop.example.com/api`. */
  readonly baseUrl: string;
  /** Sent with every request. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** Name of the environment variable (here) or secret (there) that holds the bearer token. @default none */
  readonly secret?: string;
}
