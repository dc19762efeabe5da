/** Who may talk to a server on this machine: pages of other sites may not, whatever name they reach it by. */
import { ProblemError, problemOf, problemResponse } from './problem.ts';

const LOCAL = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * The refusal of a request that is not meant for a server on this machine at `port`; `undefined` for one that is.
 *
 * A foreign `Host` is a name that somebody made to point here (DNS rebinding). A write that a page of another origin
 * sends is told by `Origin` or `Sec-Fetch-Site`; a form cannot send JSON.
 */
export function localGuard(request: Request, port: number): Response | undefined {
  const url = new URL(request.url);
  const host = request.headers.get('host') ?? url.host;
  if (!isOurs(host, port))
    return refused(
      request,
      'wrong-host',
      `request › host: must be 127.0.0.1, localhost or [::1] with port ${port}, got ${shown(host)}`,
    );
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  if (origin !== null && !isOurOrigin(origin, port))
    return refused(
      request,
      'cross-site',
      `request › origin: must be this server's own, got ${shown(origin)}`,
    );
  if (site !== null && isForeign(site, request))
    return refused(
      request,
      'cross-site',
      `request › sec-fetch-site: must be same-origin, got ${shown(site)}`,
    );
  return undefined;
}

/** A link of another site may open a page; nothing of another site may read or write. */
function isForeign(site: string, request: Request): boolean {
  if (site === 'same-origin' || site === 'none') return false;
  const opensPage = request.headers.get('sec-fetch-mode') === 'navigate';
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return !(opensPage && reads && !new URL(request.url).pathname.startsWith('/api/'));
}

function isOurs(host: string, port: number): boolean {
  const [, name = '', given] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(host.toLowerCase()) ?? [];
  return LOCAL.has(name) && Number(given ?? 80) === port;
}

function isOurOrigin(origin: string, port: number): boolean {
  return origin.startsWith('http://') && isOurs(origin.slice('http://'.length), port);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function refused(request: Request, code: 'wrong-host' | 'cross-site', detail: string): Response {
  return problemResponse(problemOf(new ProblemError(code, detail), new URL(request.url).pathname));
}
