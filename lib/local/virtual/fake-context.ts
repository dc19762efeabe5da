/** What functions of simulated runs find around them: files in memory, servers that the test plays. */
import type { Json } from '../../base/json.ts';
import type {
  FnContext,
  HttpClient,
  HttpMethod,
  HttpOptions,
  TaskState,
  Untyped,
} from '../../model/context.ts';
import { HttpError } from '../../model/task-errors.ts';
import { verbs } from '../../runtime/http-client.ts';
import { namedError } from '../../runtime/named-error.ts';
import { type FakeFiles, memoryFiles } from './fake-files.ts';

/** A request as a fake server gets it. */
export interface FakeRequest {
  readonly method: HttpMethod;
  readonly path: string;
  readonly query: NonNullable<HttpOptions['query']>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Answers a request with a body; throws an `HttpError` to answer with its status. */
export type FakeServer = (request: FakeRequest) => unknown;

export interface Fakes {
  readonly files: FakeFiles;
  /** By connection. */
  readonly http: Readonly<Record<string, FakeServer>>;
  /** By name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** By DAG, task and key. */
  readonly state: Map<string, Json>;
}

/** The context of a try, its world replaced by fakes. */
export function fakeContext(context: FnContext, task: string, fakes: Fakes): FnContext {
  return {
    run: context.run,
    log: context.log,
    signal: context.signal,
    files: memoryFiles(fakes.files),
    state: memoryState(fakes.state, `${context.run.dagId}/${task}`),
    http: ({ name }) => fakeClient(name, fakes.http[name]),
    secret: async (name) => {
      const value = fakes.secrets[name];
      if (value !== undefined) return value;
      throw namedError('Dag.UnknownSecret', `secret "${name}": must be among the test's secrets, got none`);
    },
  };
}

function memoryState(kept: Map<string, Json>, owner: string): TaskState {
  const of = (key: string) => `${owner}/${key}`;
  return {
    get: async <T = Untyped>(key: string): Promise<T | undefined> => kept.get(of(key)) as T | undefined,
    set: async (key, value) => {
      kept.set(of(key), JSON.parse(JSON.stringify(value)));
    },
    delete: async (key) => {
      kept.delete(of(key));
    },
  };
}

function fakeClient(name: string, server: FakeServer | undefined): HttpClient {
  const call = async <T>(
    method: HttpMethod,
    path: string,
    { query = {}, headers = {}, body }: HttpOptions & { readonly body?: unknown } = {},
  ): Promise<T> => {
    if (server === undefined)
      throw namedError(
        'Dag.UnknownConnection',
        `connections.${name}: must be among the test's http, got none`,
      );
    const answer = await server({ method, path, query, headers, body });
    // What arrives is a copy, as over a wire.
    return answer === undefined ? (answer as T) : JSON.parse(JSON.stringify(answer));
  };
  return {
    ...verbs(call),
    request: async <T>(
      method: HttpMethod,
      path: string,
      options?: HttpOptions & { readonly body?: unknown },
    ) => {
      try {
        return { status: 200, headers: {}, body: await call<T>(method, path, options) };
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
        return { status: error.status, headers: {}, body: error.body as T };
      }
    },
  };
}
