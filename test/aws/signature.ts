/** Signature version 4 as AWS checks it, written anew: what signs here must not be what checks. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SECRET } from './credentials.ts';

/** Access key of the one who signed a request; undefined: nobody did. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function signerOf(incoming: IncomingMessage, body: Buffer): string | 'wrong' | undefined {
  const { authorization, 'x-amz-date': date = '' } = incoming.headers;
  if (authorization === undefined) return undefined;
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+?), *SignedHeaders=([^,]+), *Signature=(\w+)$/.exec(
      authorization,
    );
  const [, key = '', scope = '', names = '', signature = ''] = parts ?? [];
  if (!names.split(';').includes('host') || !scope.endsWith('/lambda/aws4_request')) return 'wrong';
  const text = ['AWS4-HMAC-SHA256', String(date), scope, sha(canonical(incoming, names, body))].join('\n');
  const secret = scope
    .split('/')
    .reduce<Buffer | string>((signing, part) => hmac(signing, part), `AWS4${SECRET}`);
  const expected = hmac(secret, text);
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected) ? key : 'wrong';
}

function canonical(
  { method = '', url = '/', headers }: IncomingMessage,
  names: string,
  body: Buffer,
): string {
  const [path = '/', query = ''] = url.split('?');
  const parameters = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = part.split('=');
      return `${encoded(name)}=${encoded(value)}`;
    })
    .sort();
  const signed = names.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`);
  const segments = path.split('/').map((segment) => escaped(segment));
  const hash = String(headers['x-amz-content-sha256'] ?? sha(body));
  return [method, segments.join('/'), parameters.join('&'), signed.join(''), names, hash].join('\n');
}

function encoded(text: string): string {
  return escaped(decodeURIComponent(text.replace(/\+/g, ' ')));
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
