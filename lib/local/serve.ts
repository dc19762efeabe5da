/** An HTTP server of this machine, for this machine. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { localGuard } from '../api/local-guard.ts';
import { RefusedError } from '../base/errors.ts';
import { isNamed } from '../runtime/named-error.ts';

export interface LocalServer {
  readonly port: number;
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Takes a free one where `port` is taken. @default refused */
  readonly orFree?: boolean;
  /** Answers what is not refused: other hosts' names and other sites' pages are. Never rejects. */
  readonly answer: (request: Request) => Promise<Response>;
}

/**
 * Listens on 127.0.0.1.
 *
 * @throws {RefusedError} `port-in-use`, `port-refused`
 */
export async function serveHere({ port, orFree = false, answer }: ServeOptions): Promise<LocalServer> {
  try {
    return await listen(port, answer);
  } catch (error) {
    if (!isNamed(error, 'EADDRINUSE')) throw notListening(port, error);
    if (orFree) return listen(0, answer);
    throw taken(port, error);
  }
}

function listen(port: number, answer: ServeOptions['answer']): Promise<LocalServer> {
  return new Promise((resolve, reject) => {
    let taken = port;
    const fetch = async (request: Request) => localGuard(request, taken) ?? (await answer(request));
    // Functions of tasks run in this process too: their Request and Response stay Node's.
    const server = serve(
      { fetch, port, hostname: '127.0.0.1', overrideGlobalObjects: false },
      (info: AddressInfo) => {
        taken = info.port;
        server.off('error', reject);
        resolve({ port: taken, url: `http://127.0.0.1:${taken}`, close: () => closed(server as Server) });
      },
    );
    server.once('error', reject);
  });
}

/** Streams would keep it open for ever. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function taken(port: number, cause: unknown): RefusedError {
  return new RefusedError(
    'port-in-use',
    `tutti dev › --port: must be a free one, got ${port}, which is taken; leave it out, or write 0 for any`,
    { cause },
  );
}

function notListening(port: number, cause: unknown): RefusedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RefusedError(
    'port-refused',
    `tutti dev › --port: must be one this machine lets us have, got ${port} (${why})`,
    { cause },
  );
}
