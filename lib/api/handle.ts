/** The JSON API as one function of requests: the local server and a Lambda call the same. */
import { Hono } from 'hono';
import type { World } from '../orchestrator/ports.ts';
import { respond } from './answer.ts';
import { Live } from './live.ts';
import { memoOf } from './memo.ts';
import { ProblemError, problemOf, problemResponse } from './problem.ts';
import type { Api, ApiOptions, Route } from './route.ts';

export type { ApiOptions } from './route.ts';

import { BASE, ROUTES } from './routes.ts';
import { versionsOf } from './versions.ts';

/** Answers every request; never rejects. */
export function apiHandler(world: World, options: ApiOptions = {}): (request: Request) => Promise<Response> {
  const api: Api = {
    world,
    versions: versionsOf(world.store.dags),
    live: new Live(world.store.runs, world.clock, options.signal),
    memo: memoOf(world),
    options,
  };
  const app = new Hono();
  for (const route of ROUTES) {
    app.on(route.method, honoPath(route.path), (context) => {
      const raw = context.req.param();
      return respond(api, route, context.req.raw, raw);
    });
  }
  for (const [path, methods] of methodsByPath(ROUTES)) {
    app.all(path, ({ req }) => notAllowed(req.raw, methods));
  }
  app.notFound(({ req }) =>
    problemResponse(
      problemOf(
        new ProblemError(
          'not-found',
          `request › path: must be one of the API, got none of it; see ${BASE}/openapi.json`,
        ),
        pathOf(req.raw),
      ),
    ),
  );
  app.onError((error, { req }) => {
    options.onError?.(error, req.raw);
    return problemResponse(problemOf(error, pathOf(req.raw)));
  });
  return async (request) => app.fetch(request);
}

/** `/dags/{dagId}:pause` → `/api/v1/dags/:dagId{.+(?::|%3A)pause}`: actions are the end of an id, which may hold colons. */
function honoPath(path: string): string {
  const parts = path.split('/').map((part) => {
    const [, name, action] = /^\{(\w+)\}(?::([\w-]+))?$/.exec(part) ?? [];
    if (name === undefined) return part;
    return action === undefined ? `:${name}` : `:${name}{.+:${action}}`;
  });
  return `${BASE}${parts.join('/')}`;
}

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const byPath = Map.groupBy(routes, ({ path }) => honoPath(path));
  return new Map(
    [...byPath].map(([path, of]) => [
      path,
      of.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : method)),
    ]),
  );
}

function notAllowed(request: Request, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  const error = new ProblemError(
    'method-not-allowed',
    `request › method: must be one of ${allow}, got ${request.method.slice(0, 20)}`,
  );
  return problemResponse(problemOf(error, pathOf(request)), { allow });
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname;
}
