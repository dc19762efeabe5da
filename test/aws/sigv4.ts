/**
 * Signature version 4 as AWS checks it, by the specification and by nothing of the code that signs.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from 'node:crypto';

export interface Sent {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
}

export interface Signature {
  readonly accessKeyId: string;
  /** `20260105T000000Z` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** Headers that it covers. */
  readonly names: readonly string[];
  /** Whether the owner of this secret key made it, for what was sent. */
  readonly isMadeWith: (secret: string) => boolean;
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/;

/** What a request says of who made it; undefined where it says nothing that is one. */
export function signatureOf(sent: Sent): Signature | undefined {
  const found = FORM.exec(sent.header('authorization') ?? '');
  if (found === null) return undefined;
  const [, accessKeyId = '', day = '', region = '', service = '', signed = '', given = ''] = found;
  const date = sent.header('x-amz-date') ?? '';
  const names = signed.split(';');
  const scope = [day, region, service, 'aws4_request'];
  const isMadeWith = (secret: string) => {
    const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical(sent, service, names))];
    const key = scope.reduce<string | Buffer>((signing, part) => hmac(signing, part), `AWS4${secret}`);
    return isHashRight(sent) && hmac(key, text.join('\n')).toString('hex') === given;
  };
  return { accessKeyId, date, region, service, names, isMadeWith };
}

function isHashRight({ header, body }: Sent): boolean {
  const told = header('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD';
  return told === 'UNSIGNED-PAYLOAD' || told === sha256(body);
}

function canonical({ method, url, header, body }: Sent, service: string, names: readonly string[]): string {
  const [path = '/', query = ''] = url.split('?');
  const parameters = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = part.split('=');
      return `${decodedOnce(name)}=${decodedOnce(value)}`;
    })
    .sort();
  const headers = names.map((name) => `${name}:${(header(name) ?? '').trim().replace(/ +/g, ' ')}\n`);
  // Of every service but S3, what is encoded in the path is encoded once more.
  const plain = service === 's3' ? decodeURIComponent : String;
  const segments = path.split('/').map((segment) => encoded(plain(segment)));
  const hash = header('x-amz-content-sha256') ?? sha256(body);
  return [method, segments.join('/'), parameters.join('&'), headers.join(''), names.join(';'), hash].join(
    '\n',
  );
}

function decodedOnce(text: string): string {
  return encoded(decodeURIComponent(text.replace(/\+/g, ' ')));
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
