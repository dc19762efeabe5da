import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerEvent, type HttpEvent, requestOf } from '../../lib/aws/http-event.ts';
import { eventOf, responseOf } from './http-call.ts';

const echo = async (request: Request) =>
  Response.json({
    method: request.method,
    url: request.url,
    actor: request.headers.get('x-tutti-actor'),
    cookie: request.headers.get('cookie'),
    body: await request.text(),
  });

async function told(change: (event: HttpEvent) => HttpEvent, path = '/api/v1/dags') {
  const event = await eventOf(new Request(`https://x.lambda-url.eu-central-1.on.aws${path}`));
  const { body, ...result } = await answerEvent(change(event), echo);
  return { ...result, body: JSON.parse(body) };
}

function withAuthorizer(authorizer: HttpEvent['requestContext']['authorizer']) {
  return (event: HttpEvent) => ({ ...event, requestContext: { ...event.requestContext, authorizer } });
}

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).map((text) => `x-${text}`);
const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
  path: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }),
  query: fc.array(fc.tuple(fc.string(), fc.string({ unit: 'grapheme' })), { maxLength: 4 }),
  headers: fc.dictionary(name, value, { maxKeys: 4 }),
  body: fc.option(fc.uint8Array({ maxLength: 200 })),
});

describe('a request as an event', () => {
  test('is the request again: method, path, query with repeated fields, headers, bytes of the body', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, query, headers, body }) => {
        const url = new URL('https://x.lambda-url.eu-central-1.on.aws/');
        url.pathname = `/${path.map(encodeURIComponent).join('/')}`;
        for (const [field, text] of query) url.searchParams.append(field, text);
        const sent = new Request(url, {
          method,
          headers,
          ...(body === null || method === 'GET' ? {} : { body: new Uint8Array(body) }),
        });
        const got = requestOf(await eventOf(sent.clone()));
        expect(got.method).toBe(sent.method);
        expect(got.url).toBe(sent.url);
        expect([...got.headers]).toEqual([...sent.headers]);
        expect(Buffer.from(await got.arrayBuffer())).toEqual(Buffer.from(await sent.arrayBuffer()));
      }),
    );
  });

  test('has the path that an HTTP API has decoded, and not the name of its stage', async () => {
    const decoded = (rawPath: string, stage: string) => (event: HttpEvent) => ({
      ...event,
      rawPath,
      requestContext: { ...event.requestContext, stage },
    });
    const { body } = await told(decoded('/v2/api/v1/dags/café au/runs/2026-01-05T01:00:00Z~1', 'v2'));
    expect(new URL(body.url).pathname).toBe('/api/v1/dags/caf%C3%A9%20au/runs/2026-01-05T01:00:00Z~1');
    const same = await told((event) => event, '/api/v1/dags/a%2Fb%20c');
    expect(new URL(same.body.url).pathname).toBe('/api/v1/dags/a%2Fb%20c');
  });

  test('says who asks by what was checked, and never by what it says itself', async () => {
    const claims = { email: 'ann@example.com', sub: '123' };
    const forged = (event: HttpEvent) => ({
      ...event,
      headers: { ...event.headers, 'x-tutti-actor': 'root' },
    });
    const arn = 'arn:aws:sts::123456789012:assumed-role/Operator/ann@example.com';
    expect((await told(forged)).body.actor).toBeNull();
    const signed = withAuthorizer({ iam: { userArn: arn } });
    expect((await told((event) => signed(forged(event)))).body.actor).toBe(
      'assumed-role/Operator/ann@example.com',
    );
    expect((await told(withAuthorizer({ jwt: { claims } }))).body.actor).toBe('ann@example.com');
    expect((await told(withAuthorizer({ jwt: { claims: { sub: '123' } } }))).body.actor).toBe('123');
  });

  test('gives its cookies as one header', async () => {
    const { body } = await told((event) => ({ ...event, cookies: ['a=1', 'b=2'] }));
    expect(body.cookie).toBe('a=1; b=2');
  });

  test.each([
    [undefined, 'event: must be given, got nothing'],
    [{}, 'event.version: must be given, got nothing'],
    [{ version: '1.0', path: '/', httpMethod: 'GET' }, 'event.version: must be '],
    [
      { version: '2.0', rawPath: 'x', rawQueryString: '', headers: {}, requestContext: {} },
      'event.requestContext.http: must be given, got nothing',
    ],
  ])('that is none is refused: %j', async (event, told) => {
    const refusal = await answerEvent(event, echo).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'RefusedError', code: 'invalid-event' });
    expect(String(refusal)).toContain(`api › ${told}`);
    expect(String(refusal)).toMatch(/; call the function by its URL, which sends payload 2\.0$/);
  });
});

describe('a response as a result', () => {
  test('is the response again: status, headers, cookies, bytes of the body', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const response = fc.record({
      status: fc.constantFrom(200, 201, 304, 400, 503),
      headers: fc.dictionary(name, value, { maxKeys: 4 }),
      cookies: fc.array(fc.stringMatching(/^[a-z]{1,5}=[a-z]{0,5}$/), { maxLength: 3 }),
      type: fc.constantFrom('application/octet-stream', 'image/png'),
      body: bytes,
    });
    const event = await eventOf(new Request('https://x.lambda-url.eu-central-1.on.aws/'));
    await fc.assert(
      fc.asyncProperty(response, async ({ status, headers, cookies, type, body }) => {
        const sent = () => {
          const all = new Headers({ ...headers, 'content-type': type });
          for (const cookie of cookies) all.append('set-cookie', cookie);
          return new Response(status === 304 ? null : new Uint8Array(body), { status, headers: all });
        };
        const got = responseOf(await answerEvent(event, async () => sent()));
        expect([got.status, [...got.headers]]).toEqual([status, [...sent().headers]]);
        expect(Buffer.from(await got.arrayBuffer())).toEqual(Buffer.from(await sent().arrayBuffer()));
      }),
    );
  });

  test('carries JSON as text', async () => {
    const event = await eventOf(new Request('https://x.lambda-url.eu-central-1.on.aws/'));
    const type = 'application/problem+json';
    const result = await answerEvent(
      event,
      async () => new Response('{"a":"é"}', { headers: { 'content-type': type } }),
    );
    expect(result).toMatchObject({ isBase64Encoded: false, body: '{"a":"é"}' });
  });

  test.each([
    ['text that grows as it is written as JSON', '"'.repeat(3_200_000), 'application/json'],
    ['bytes', 'a'.repeat(4_800_000), 'image/png'],
  ])('larger than Lambda takes is a problem: %s', async (_, body, type) => {
    const event = await eventOf(new Request('https://x.lambda-url.eu-central-1.on.aws/api/v1/x'));
    const result = await answerEvent(
      event,
      async () => new Response(body, { headers: { 'content-type': type } }),
    );
    expect(result).toMatchObject({
      statusCode: 500,
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(JSON.parse(result.body)).toMatchObject({ code: 'reply-too-large', instance: '/api/v1/x' });
  });

  test('just as large as Lambda takes is given', async () => {
    const event = await eventOf(new Request('https://x.lambda-url.eu-central-1.on.aws/'));
    const body = 'a'.repeat(6_200_000);
    const result = await answerEvent(
      event,
      async () => new Response(body, { headers: { 'content-type': 'application/json' } }),
    );
    expect(result.body.length).toBe(body.length);
  });
});
