/** What `tutti dev` answers over HTTP. */
import type { World } from '../../orchestrator/ports.ts';
import type { DevConsole } from './console.ts';
import { pageOf } from './page.ts';

export interface Answers {
  readonly answer: (request: Request) => Promise<Response>;
  /** The pipelines are known: the API answers from now on, and whoever asked before. */
  readonly open: () => void;
}

export interface AnswersOptions {
  readonly root: string;
  readonly world: World;
  /** Ends streams. */
  readonly signal: AbortSignal;
  readonly console: DevConsole;
}

/** A page at `/` and the API below `/api/`, whose code is loaded when it is first asked for. */
export function answers({ root, world, signal, console }: AnswersOptions): Answers {
  const opened = Promise.withResolvers<void>();
  let handler: Promise<(request: Request) => Promise<Response>> | undefined;
  const api = async () => {
    const { apiHandler } = await import('../../api/handle.ts');
    const onError = (error: unknown) =>
      console.warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return apiHandler(world, { signal, onError });
  };
  return {
    open: opened.resolve,
    answer: async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith('/api/')) {
        await opened.promise;
        handler ??= api();
        return (await handler)(request);
      }
      if (pathname !== '/')
        return new Response('not found: see / and /api/v1/openapi.json\n', { status: 404 });
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      };
      return new Response(pageOf(root, await world.store.dags.heads()), { headers });
    },
  };
}
