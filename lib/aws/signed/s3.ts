/** S3 by commands. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ReadableStream } from 'node:stream/web';
import {
  type Answer,
  type AwsAccess,
  endpointOf,
  refusal,
  type SignedRequest,
  signedCall,
  signedStream,
  textOf,
} from './call.ts';
import type { AwsClient } from './command.ts';
import { fault } from './fault.ts';
import { encoded, keyPath, keysIn, textIn } from './s3-text.ts';

export function s3Client(access: AwsAccess): AwsClient {
  return {
    async send<Output>({ name, input }: { readonly name: string; readonly input: object }): Promise<Output> {
      const operation = OPERATIONS[name];
      if (operation === undefined) throw new Error(`unreachable: no operation ${name} of S3`);
      return (await operation(access, input as S3Input)) as Output;
    },
  };
}

/** Of all operations; whatever an operation does not know it does not get. */
interface S3Input {
  readonly Bucket: string;
  readonly Key: string;
  readonly Body?: string | Uint8Array;
  readonly ContentType?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly Range?: string;
  readonly CopySource?: string;
  readonly Prefix?: string;
  readonly ContinuationToken?: string;
}

const OPERATIONS: Readonly<
  Record<string, ((access: AwsAccess, input: S3Input) => Promise<object>) | undefined>
> = {
  async PutObject(access, input) {
    const { Body = '', ContentType, Metadata = {}, IfMatch, IfNoneMatch } = input;
    const body = typeof Body === 'string' ? Body : new Uint8Array(Body);
    const headers = headersOf({
      'content-type': ContentType,
      'if-match': IfMatch,
      'if-none-match': IfNoneMatch,
      ...Object.fromEntries(Object.entries(Metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    });
    return factsOf(await found(access, requestOf(access, input, { method: 'PUT', headers, body })));
  },
  async CopyObject(access, input) {
    const headers = headersOf({ 'x-amz-copy-source': input.CopySource });
    const answer = await found(access, requestOf(access, input, { method: 'PUT', headers }));
    // It may be refused with status 200: headers are sent before it is copied.
    const said = textOf(answer.body);
    const code = textIn(said, 'Code');
    if (code !== undefined) throw fault(refusal('s3', code, textIn(said, 'Message') ?? ''), 500);
    return {};
  },
  async DeleteObject(access, input) {
    await found(access, requestOf(access, input, { method: 'DELETE' }));
    return {};
  },
  async HeadObject(access, input) {
    return factsOf(await found(access, requestOf(access, input, { method: 'HEAD' })));
  },
  async GetObject(access, input) {
    const headers = headersOf({ range: input.Range });
    const answer = await signedStream(access, requestOf(access, input, { method: 'GET', headers }));
    if (!('stream' in answer)) throw refused(answer);
    const body = Readable.fromWeb(answer.stream as ReadableStream);
    return { ...factsOf(answer), Body: Object.assign(body, { transformToString: () => text(body) }) };
  },
  async ListObjectsV2(access, { Bucket, Prefix = '', ContinuationToken: from }) {
    const more = from === undefined ? '' : `&continuation-token=${encoded(from)}`;
    const query = `?list-type=2&encoding-type=url${more}&prefix=${encoded(Prefix)}`;
    const request = requestOf(access, { Bucket, Key: '' }, { method: 'GET' });
    const answer = await found(access, { ...request, url: new URL(`${request.url.href}${query}`) });
    const page = textOf(answer.body);
    const next = textIn(page, 'NextContinuationToken');
    return {
      Contents: keysIn(page).map((Key) => ({ Key })),
      ...(next === undefined ? {} : { NextContinuationToken: next }),
    };
  },
};

function requestOf(
  access: AwsAccess,
  { Bucket, Key }: S3Input,
  request: Pick<SignedRequest, 'method' | 'headers' | 'body'>,
): SignedRequest {
  return { service: 's3', url: new URL(`${baseOf(access, Bucket)}${keyPath(Key)}`), ...request };
}

/** Address of a bucket, with it in the host name, of an emulator in the path; ends in `/`. */
export function baseOf(access: AwsAccess, bucket: string): string {
  const endpoint = new URL(endpointOf(access, 's3'));
  if (access.endpoint?.('s3') !== undefined) return `${endpoint.origin}/${bucket}/`;
  return `${endpoint.protocol}//${bucket}.${endpoint.host}/`;
}

async function found(access: AwsAccess, request: SignedRequest): Promise<Answer> {
  const answer = await signedCall(access, request);
  if (answer.status >= 300) throw refused(answer);
  return answer;
}

/** HEAD has no body to say why. */
const CODES: Readonly<Record<number, string | undefined>> = { 404: 'NotFound', 412: 'PreconditionFailed' };

function refused({ status, body }: Answer): Error {
  const said = textOf(body);
  const code = textIn(said, 'Code') ?? CODES[status] ?? `${status}`;
  return fault(refusal('s3', code, textIn(said, 'Message') ?? ''), status);
}

function factsOf({ headers }: Pick<Answer, 'headers'>): object {
  const etag = headers.get('etag');
  const length = headers.get('content-length');
  const metadata = [...headers].filter(([name]) => name.startsWith('x-amz-meta-'));
  return {
    ...(etag === null ? {} : { ETag: etag }),
    ...(length === null ? {} : { ContentLength: Number(length) }),
    Metadata: Object.fromEntries(metadata.map(([name, value]) => [name.slice(11), value])),
  };
}

function headersOf(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return Object.fromEntries(given);
}
