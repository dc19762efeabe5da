/**
 * Checks signatures as AWS does, by the specification and by nothing of the code that makes them.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from 'node:crypto';

export interface Principal {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  readonly userArn: string;
}

export interface Checked {
  readonly principals: readonly Principal[];
  readonly region: string;
  readonly service: string;
  readonly nowMs: number;
}

/** Who signed it, or what AWS says of the signature. */
export function checkedSignature(
  request: Request,
  body: Uint8Array,
  { principals, region, service, nowMs }: Checked,
): { readonly principal: Principal } | { readonly refused: string } {
  const given = request.headers.get('authorization') ?? '';
  const [, id = '', day = '', scope = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/(\S+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      given,
    ) ?? [];
  if (signature === '') return { refused: 'Missing Authentication Token' };
  const principal = principals.find(({ accessKeyId }) => accessKeyId === id);
  if (principal === undefined) return { refused: 'The security token included in the request is invalid.' };
  if (request.headers.get('x-amz-security-token') !== (principal.sessionToken ?? null))
    return { refused: 'The security token included in the request is invalid.' };
  const date = request.headers.get('x-amz-date') ?? '';
  if (scope !== `${region}/${service}`)
    return { refused: `Credential should be scoped to correct service: '${service}'.` };
  if (Math.abs(instantOf(date) - nowMs) > 300_000)
    return { refused: `Signature expired: ${date} is now earlier than it may be` };
  const signed = names.split(';');
  if (!signed.includes('host') || !signed.includes('x-amz-date'))
    return { refused: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization." };
  const text = [
    'AWS4-HMAC-SHA256',
    date,
    `${day}/${scope}/aws4_request`,
    sha256(canonical(request, body, signed)),
  ].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${principal.secretAccessKey}`,
  );
  if (hmac(key, text).toString('hex') !== signature)
    return {
      refused:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    };
  return { principal };
}

function canonical(request: Request, body: Uint8Array, signed: readonly string[]): string {
  const url = new URL(request.url);
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join('&');
  const headers = signed.map(
    (name) => `${name}:${(request.headers.get(name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  // Encoded once more than it was sent, as all services but S3 ask for.
  const path = url.pathname.split('/').map(encoded).join('/');
  return [request.method, path, query, headers.join(''), signed.join(';'), sha256(body)].join('\n');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function instantOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
