/** What Lambda makes of requests, and of what functions answer: payload 2.0, as its documentation says. */
import type { HttpEvent, HttpResult } from '../../lib/aws/http-event.ts';

/** Bodies go as base64 where they are no text. */
export async function eventOf(request: Request, userArn?: string): Promise<HttpEvent> {
  const url = new URL(request.url);
  const bytes = Buffer.from(await request.arrayBuffer());
  const isText = (request.headers.get('content-type') ?? '').startsWith('application/json');
  return {
    version: '2.0',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(request.headers),
    requestContext: {
      domainName: url.host,
      stage: '$default',
      http: { method: request.method },
      ...(userArn === undefined ? {} : { authorizer: { iam: { userArn } } }),
    },
    ...(bytes.length === 0
      ? {}
      : { body: bytes.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }),
  };
}

export function responseOf({
  statusCode,
  headers,
  body,
  isBase64Encoded,
  cookies = [],
}: HttpResult): Response {
  const all = new Headers(headers);
  for (const cookie of cookies) all.append('set-cookie', cookie);
  const content = statusCode === 304 ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return new Response(content, { status: statusCode, headers: all });
}
