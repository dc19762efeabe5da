/**
 * What a function task can do: the context its body receives. Made by `local/` here
 * and by the DAG's Lambda function on AWS.
 */
import type { JsonObject } from '../base/json.ts';

export interface FnContext {
  /** Facts about this run and this try. */
  readonly run: FnRun;
  /** Lines of this try's log. */
  readonly log: Log;
  /** Files of this environment: a folder here, a bucket on AWS. */
  readonly files: Files;
  /** A client of an HTTP connection: its base URL, headers and secret are the environment's. */
  readonly http: (connection: HttpBinding) => HttpClient;
  /** The value of a secret: an environment variable here, Secrets Manager on AWS. Rejects when there is none. */
  readonly secret: (name: string) => Promise<string>;
  /** Durable values of this task, kept from run to run. */
  readonly state: TaskState;
  /** Aborted when the try ends before its body does: timeout, cancel, Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface FnRun {
  readonly dagId: string;
  readonly runId: string;
  /** Start of the run's interval, ISO 8601 UTC. */
  readonly logicalDate: string;
  /** `[start, end)` in ISO 8601 UTC; `date` is the start's day in the schedule's zone, `2026-08-22`. */
  readonly interval: { readonly start: string; readonly end: string; readonly date: string };
  /** From 1. */
  readonly try: number;
  /** Position in the list, from 0, of a mapped task. */
  readonly mapIndex?: number;
  /** The run's params. Give one as an input to have it typed. */
  readonly params: JsonObject;
}

export interface Log {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Paths are relative, with `/`: `raw/orders/date=2026-08-22/orders.json`. Leaving the folder by `..` is refused. */
export interface Files {
  /**
   * Writes a whole file, replacing it, and returns `path`. Text and bytes are written as they are, anything else as JSON.
   * A reader sees the old content or the new, never a part.
   */
  write(path: string, data: string | Uint8Array | object | number | boolean | null): Promise<string>;
  /** @throws {Error} `Files.NotFound` when there is no such file */
  read(path: string): Promise<Uint8Array>;
  /** The file as UTF-8 text. @throws {Error} `Files.NotFound` when there is no such file */
  text(path: string): Promise<string>;
  /** The file parsed as JSON; its shape is the caller's word. @throws {Error} `Files.NotFound` when there is no such file */
  json<T = Untyped>(path: string): Promise<T>;
  /** Paths of the files whose path starts with `prefix`, sorted. */
  list(prefix: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  /** Removes the file; nothing when there is none. */
  remove(path: string): Promise<void>;
  /** Absolute path on this machine, for programs that want one. */
  path(path: string): string;
}

/** Values are JSON, kept per DAG and task. */
export interface TaskState {
  /** `undefined` when nothing was set. */
  get<T = Untyped>(key: string): Promise<T | undefined>;
  set(key: string, value: string | object | number | boolean | null): Promise<void>;
  delete(key: string): Promise<void>;
}

/** A connection by its name, as `connection.http` makes it. */
export interface HttpBinding {
  readonly name: string;
  readonly kind: 'http';
}

/** Every method gives the parsed body: JSON where the answer says it is JSON, else text. @throws {HttpError} for a status of 400 and above */
export interface HttpClient {
  get<T = Untyped>(path: string, options?: HttpOptions): Promise<T>;
  post<T = Untyped>(path: string, body?: unknown, options?: HttpOptions): Promise<T>;
  put<T = Untyped>(path: string, body?: unknown, options?: HttpOptions): Promise<T>;
  patch<T = Untyped>(path: string, body?: unknown, options?: HttpOptions): Promise<T>;
  delete<T = Untyped>(path: string, options?: HttpOptions): Promise<T>;
  /** The whole answer, whatever its status: nothing is thrown for 400 and above. */
  request<T = Untyped>(
    method: HttpMethod,
    path: string,
    options?: HttpOptions & { readonly body?: unknown },
  ): Promise<HttpAnswer<T>>;
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpOptions {
  /** Added to the path; `undefined` is left out, a list repeats its key. @default {} */
  readonly query?: Readonly<Record<string, QueryValue | readonly QueryValue[]>>;
  /** Override the connection's. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
}

export type QueryValue = string | number | boolean | undefined;

export interface HttpAnswer<T> {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: T;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON from outside has the shape its reader names; `unknown` would ask for a cast on every line
export type Untyped = any;
