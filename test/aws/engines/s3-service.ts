/** Objects of one bucket at the edge of the process: what S3 does with them as far as engines ask it. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { awsClients } from '../../../lib/aws/signed/clients.ts';
import type { AwsClient } from '../../../lib/aws/signed/command.ts';
import { compareTexts } from '../../../lib/base/compare.ts';
import { type Answer, NOBODY, serve } from './job-service.ts';

export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export const BUCKET = 'tutti-test';

export class S3Service {
  readonly objects = new Map<string, StoredObject>();
  /** Happens before an object is replaced, once. */
  beforePut: (() => void) | undefined;
  /** Happens before an object is read, once. */
  beforeGet: (() => Promise<unknown>) | undefined;
  /** The next time this object is replaced nobody is told. */
  losesReplyOf: string | undefined;
  url = '';
  stop: () => Promise<void> = async () => undefined;

  async start(): Promise<this> {
    const { url, stop } = await serve((request, body) => this.#answer(request, body));
    this.url = url;
    this.stop = stop;
    return this;
  }

  client(): Promise<AwsClient> {
    const access = { region: 'eu-central-1', credentials: () => NOBODY, endpoint: () => this.url };
    return awsClients(access).s3();
  }

  put(key: string, body: Buffer | string, metadata: Readonly<Record<string, string>> = {}): void {
    const bytes = Buffer.from(body);
    const etag = `"${createHash('md5').update(bytes).update(JSON.stringify(metadata)).digest('hex')}"`;
    this.objects.set(key, { body: bytes, etag, metadata });
  }

  text(key: string): string | undefined {
    return this.objects.get(key)?.body.toString();
  }

  get keys(): readonly string[] {
    return [...this.objects.keys()].sort(compareTexts);
  }

  async #answer(request: IncomingMessage, body: string): Promise<Answer | undefined> {
    const url = new URL(request.url ?? '/', this.url);
    const key = decodeURIComponent(url.pathname.replace(`/${BUCKET}`, '').replace(/^\//, ''));
    const { method = 'GET', headers } = request;
    if (method === 'GET' && key === '') return this.#list(url.searchParams.get('prefix') ?? '');
    if (method === 'DELETE') {
      this.objects.delete(key);
      return { status: 204, body: '' };
    }
    if (method === 'PUT') return this.#put(request, key, body);
    const { beforeGet } = this;
    this.beforeGet = undefined;
    await beforeGet?.();
    const found = this.objects.get(key);
    if (found === undefined) return refusal(404, 'NoSuchKey');
    const [, from = '0', to] = /bytes=(\d+)-(\d+)/.exec(String(headers.range)) ?? [];
    const part = found.body.subarray(Number(from), to === undefined ? undefined : Number(to) + 1);
    return {
      status: to === undefined ? 200 : 206,
      headers: { ...headersOf(found), 'content-length': String(part.length) },
      body: method === 'HEAD' ? '' : part.toString('latin1'),
      isBinary: true,
    };
  }

  #put({ headers }: IncomingMessage, key: string, body: string): Answer | undefined {
    this.beforePut?.();
    this.beforePut = undefined;
    const now = this.objects.get(key);
    const isRefused =
      (headers['if-none-match'] === '*' && now !== undefined) ||
      (headers['if-match'] !== undefined && headers['if-match'] !== now?.etag);
    if (isRefused) return refusal(412, 'PreconditionFailed');
    const source = headers['x-amz-copy-source'];
    if (typeof source === 'string') {
      const from = this.objects.get(decodeURIComponent(source).replace(/^\/?[^/]+\//, ''));
      if (from === undefined) return refusal(404, 'NoSuchKey');
      this.put(key, from.body);
      return xml('<CopyObjectResult/>');
    }
    const metadata = Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-amz-meta-') ? [[name.slice(11), String(value)] as const] : [],
    );
    this.put(key, Buffer.from(body, 'latin1'), Object.fromEntries(metadata));
    if (this.losesReplyOf === key) {
      this.losesReplyOf = undefined;
      return undefined;
    }
    const stored = this.objects.get(key);
    return { status: 200, headers: stored === undefined ? {} : { etag: stored.etag }, body: '' };
  }

  #list(prefix: string): Answer {
    const found = this.keys.filter((key) => key.startsWith(prefix));
    const contents = found.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    return xml(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`);
  }
}

function headersOf({ etag, metadata }: StoredObject): Readonly<Record<string, string>> {
  const own = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value] as const);
  return { etag, ...Object.fromEntries(own) };
}

function refusal(status: number, code: string): Answer {
  return { ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`), status };
}

function xml(body: string): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
  };
}
