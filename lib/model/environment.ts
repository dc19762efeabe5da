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
}

/** Which runs that ended are kept: those within both limits. Runs that go on are kept whatever it says. */
export interface RetentionConfig {
  /** Those that ended within this time. @default of any age */
  readonly age?: Duration;
  /** Of each DAG so many, those of the newest logical dates. @default any number */
  readonly keep?: number;
}

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
  /** Here: the DuckDB file, relative to the configuration file. @default '.tutti/<connection>.duckdb' */
  readonly database?: string;
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
