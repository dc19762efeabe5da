/** What a route is: one place for what it takes, what it gives, and what it does. The OpenAPI document is made of these. */
import * as z from 'zod';
import type { Actor, World } from '../orchestrator/ports.ts';
import type { Backfill } from '../store/store.ts';
import type { Live } from './live.ts';
import type { Memo } from './memo.ts';
import type { ProgressReader } from './progress.ts';
import { PATH } from './schemas/inputs.ts';
import { lazy, type OutputOf } from './schemas/lazy.ts';
import type { Versions } from './versions.ts';

/** What every route may use; one for each handler. */
export interface Api {
  readonly world: World;
  readonly versions: Versions;
  readonly live: Live;
  readonly memo: Memo;
  readonly options: ApiOptions;
}

export interface ApiOptions {
  /** Whose actions they are where a request has no `X-Tutti-Actor`. @default 'api' */
  readonly actor?: string;
  /** @default 'api' */
  readonly via?: Actor['via'];
  /** Name of the environment. @default 'local' */
  readonly environment?: string;
  /** Refuses writes. @default false */
  readonly readOnly?: boolean;
  /** Whether changes may be pushed; a function that answers once cannot. @default true */
  readonly streams?: boolean;
  /** Tells how far runs under way are. @default as the ledger has them */
  readonly progress?: ProgressReader;
  /** Is told of a backfill that was made, or goes on again: somebody else then goes on with it. */
  readonly onBackfill?: (backfill: Pick<Backfill, 'dagId' | 'id'>) => Promise<void>;
  /** Ends all streams. */
  readonly signal?: AbortSignal;
  /** Is told of what should not have happened. */
  readonly onError?: (error: unknown, request: Request) => void;
}

export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly api: Api;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly actor: Actor;
  readonly request: Request;
  /** Of a write: its `Idempotency-Key`. */
  readonly key?: string | undefined;
}

type Shape = Readonly<Record<string, z.ZodType>>;
/** Where none are named. */
type NoFields = Readonly<Record<never, z.ZodType>>;
type Out<S extends Shape> = z.output<z.ZodObject<S>>;

/** `/dags/{dagId}/runs` → `{ dagId: string }`. */
type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name & keyof typeof PATH]: OutputOf<(typeof PATH)[K]> } & ParamsOf<Rest>
  : unknown;

export interface Route {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`, with `{names}`. */
  readonly path: string;
  readonly summary: string;
  /** Schemas, made as they are first needed: a function is asked for few of its routes, and for the document hardly ever. */
  readonly params: () => z.ZodObject;
  readonly query: () => z.ZodObject;
  readonly body?: () => z.ZodType;
  readonly reply: () => z.ZodType;
  /** Of success. */
  readonly status: number;
  /** A reply that never changes: found by a hash in its path. */
  readonly immutable: boolean;
  /** A reply that follows from runs and DAGs alone: made once until one of those changes. */
  readonly memo: boolean;
  /** A `Response` is sent as it is. */
  answer(call: Call): Promise<unknown>;
}

interface Get<Path extends string, Q extends Shape, R extends z.ZodType> {
  readonly id: string;
  readonly summary: string;
  readonly query?: () => Q;
  readonly reply: () => R;
  readonly immutable?: boolean;
  readonly memo?: boolean;
  answer(call: Call<ParamsOf<Path>, Out<Q>>): Promise<z.input<R> | Response>;
}

interface Post<Path extends string, Q extends Shape, B extends z.ZodType, R extends z.ZodType> {
  readonly id: string;
  readonly summary: string;
  readonly query?: () => Q;
  readonly body: () => B;
  readonly reply: () => R;
  /** @default 200 */
  readonly status?: number;
  answer(call: Call<ParamsOf<Path>, Out<Q>, z.output<B>>): Promise<z.input<R>>;
}

export function get<const Path extends string, R extends z.ZodType, Q extends Shape = NoFields>(
  path: Path,
  { immutable = false, memo = false, ...rest }: Get<Path, Q, R>,
): Route {
  return { ...rest, ...common(path, rest), method: 'GET', status: 200, immutable, memo } as Route;
}

export function post<
  const Path extends string,
  B extends z.ZodType,
  R extends z.ZodType,
  Q extends Shape = NoFields,
>(path: Path, { body, status = 200, ...rest }: Post<Path, Q, B, R>): Route {
  const fixed = { method: 'POST', status, immutable: false, memo: false };
  return { ...rest, ...common(path, rest), body: lazy(body), ...fixed } as Route;
}

interface Common {
  readonly query?: () => Shape;
  readonly reply: () => z.ZodType;
}

function common(path: string, { query = () => ({}), reply }: Common) {
  return {
    path,
    params: lazy(() => z.strictObject(fieldsOf(path))),
    query: lazy(() => z.strictObject(query())),
    reply: lazy(reply),
  };
}

/** Fields of a path with what they are. */
function fieldsOf(path: string): Shape {
  const schemas = new Map<string, () => z.ZodType>(Object.entries(PATH));
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, schemas.get(name)?.() ?? z.string()]));
}
