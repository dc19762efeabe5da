/** S3 and Secrets Manager as far as tries of tasks use them, over HTTP; requests must be signed rightly. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { compareTexts } from '../../../lib/base/compare.ts';
import { isSigned } from './signature.ts';

/** What answers in place of the service, so often. */
export interface Fault {
  /** In `GET /tutti-test/files/a.json`, or the operation's name. */
  readonly on: RegExp;
  readonly status: number;
  readonly body?: string;
  times: number;
}

export class Cloud {
  /** By key, in the one bucket. */
  readonly objects = new Map<string, Buffer>();
  readonly secrets = new Map<string, string>();
  readonly faults: Fault[] = [];
  /** `PUT /tutti-test/files/a.json`, `GetSecretValue shop-token` */
  readonly requests: string[] = [];
  /** Objects in one page of a list. */
  pageSize = 1000;
  readonly bucket: string;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(bucket = 'tutti-test') {
    this.bucket = bucket;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  text(key: string): string | undefined {
    return this.objects.get(key)?.toString('utf8');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const isSecret = request.headers['x-amz-target'] !== undefined;
    const name = isSecret
      ? `${String(request.headers['x-amz-target']).split('.')[1]} ${JSON.parse(body.toString()).SecretId}`
      : `${request.method} ${request.url}`;
    this.requests.push(name);
    const fault = this.faults.find(({ on, times }) => times > 0 && on.test(name));
    if (fault !== undefined) {
      fault.times -= 1;
      if (fault.status === 0) request.socket.destroy();
      else response.writeHead(fault.status).end(fault.body);
      return;
    }
    if (!isSigned(isSecret ? 'secretsmanager' : 's3', request, body)) {
      response.writeHead(403).end(error('SignatureDoesNotMatch', `${name} is not signed`));
    } else if (isSecret) this.#secret(JSON.parse(body.toString()).SecretId, response);
    else this.#object(request, body, response);
  }

  #secret(name: string, response: ServerResponse): void {
    const SecretString = this.secrets.get(name);
    if (SecretString !== undefined) response.end(JSON.stringify({ Name: name, SecretString }));
    else {
      const said = { __type: 'ResourceNotFoundException', Message: 'Secrets Manager can’t find it.' };
      response.writeHead(400).end(JSON.stringify(said));
    }
  }

  #object({ method, url = '' }: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, this.url);
    const [, bucket, ...parts] = pathname.split('/').map(decodeURIComponent);
    const key = parts.join('/');
    if (bucket !== this.bucket) response.writeHead(404).end(error('NoSuchBucket', String(bucket)));
    else if (method === 'PUT') {
      this.objects.set(key, body);
      response.end();
    } else if (method === 'DELETE') {
      this.objects.delete(key);
      response.writeHead(204).end();
    } else if (searchParams.has('list-type')) response.end(this.#list(searchParams));
    else this.#content(key, method === 'HEAD', response);
  }

  #content(key: string, isHead: boolean, response: ServerResponse): void {
    const found = this.objects.get(key);
    if (found !== undefined) response.end(isHead ? '' : found);
    else response.writeHead(404).end(isHead ? '' : error('NoSuchKey', key));
  }

  #list(parameters: URLSearchParams): string {
    const prefix = parameters.get('prefix') ?? '';
    const from = Number(parameters.get('continuation-token') ?? 0);
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareTexts);
    const page = keys.slice(from, from + this.pageSize);
    const next = from + this.pageSize;
    const contents = page.map(
      (key) =>
        `<Contents><Key>${new URLSearchParams({ key }).toString().slice(4)}</Key><Size>1</Size></Contents>`,
    );
    const more = next < keys.length ? `<NextContinuationToken>${next}</NextContinuationToken>` : '';
    return `<?xml version="1.0"?>\n<ListBucketResult><EncodingType>url</EncodingType>${more}${contents.join('')}</ListBucketResult>`;
  }
}

function error(code: string, message: string): string {
  return `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${message} &amp; so on</Message></Error>`;
}
