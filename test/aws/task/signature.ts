/** Signature version 4 as AWS checks it, written anew: what signs must not be what checks. */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const CREDENTIALS = {
  accessKeyId: 'AKIDTUTTI',
  secretAccessKey: 'wJalrXUtnFEMI',
  sessionToken: 'session',
};

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function isSigned(service: string, incoming: IncomingMessage, body: Buffer): boolean {
  const { authorization = '', 'x-amz-date': date = '', 'x-amz-security-token': token } = incoming.headers;
  const form = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=([^,]+), Signature=(\w+)$/;
  const [, key, scope = '', names = '', signature] = form.exec(authorization) ?? [];
  if (key !== CREDENTIALS.accessKeyId || token !== CREDENTIALS.sessionToken) return false;
  if (!scope.endsWith(`/eu-central-1/${service}/aws4_request`)) return false;
  const text = [
    'AWS4-HMAC-SHA256',
    String(date),
    scope,
    sha(canonical(service, incoming, { names, body })),
  ].join('\n');
  const signing = scope
    .split('/')
    .reduce<Buffer | string>((each, part) => hmac(each, part), `AWS4${CREDENTIALS.secretAccessKey}`);
  return hmac(signing, text).toString('hex') === signature;
}

function canonical(
  service: string,
  { method = '', url = '/', headers }: IncomingMessage,
  { names, body }: { readonly names: string; readonly body: Buffer },
): string {
  const [path = '/', query = ''] = url.split('?');
  const parameters = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) =>
      part
        .split('=')
        .map((text) => escaped(decodeURIComponent(text)))
        .join('='),
    )
    .sort();
  const signed = names.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`);
  // Of every service but S3, what is encoded in the path is encoded once more.
  const plain = service === 's3' ? decodeURIComponent : String;
  const segments = path.split('/').map((segment) => escaped(plain(segment)));
  const hash = String(headers['x-amz-content-sha256'] ?? sha(body));
  return [method, segments.join('/'), parameters.join('&'), signed.join(''), names, hash].join('\n');
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
