/** Objects of the environment's bucket. */
import { namedError } from '../../runtime/named-error.ts';
import {
  type Answer,
  type AwsAccess,
  endpointOf,
  refusal,
  type SignedRequest,
  signedCall,
  textOf,
} from './signed-call.ts';

export interface Bucket {
  put(key: string, content: string | Uint8Array): Promise<void>;
  /** `undefined` where there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  exists(key: string): Promise<boolean>;
  delete(key: string): Promise<void>;
  /** Keys that begin so, in the order of their bytes. */
  list(prefix: string): Promise<readonly string[]>;
}

export function bucket(access: AwsAccess, name: string, signal: AbortSignal): Bucket {
  const base = baseOf(access, name);
  const call = async (
    method: SignedRequest['method'],
    key: string,
    request: { readonly query?: string; readonly body?: string | Uint8Array<ArrayBuffer> } = {},
  ): Promise<Uint8Array | undefined> => {
    const { query = '', ...content } = request;
    const url = new URL(`${base}${key.split('/').map(encoded).join('/')}${query}`);
    const answer = await signedCall(access, { service: 's3', method, url, signal, ...content });
    return answer.status < 300 ? answer.body : missing(answer);
  };
  return {
    put: async (key, content) => {
      const body = typeof content === 'string' ? content : new Uint8Array(content);
      if ((await call('PUT', key, { body })) === undefined) throw noBucket(name);
    },
    get: (key) => call('GET', key),
    exists: async (key) => (await call('HEAD', key)) !== undefined,
    delete: async (key) => void (await call('DELETE', key)),
    async list(prefix) {
      const keys: string[] = [];
      let from: string | undefined;
      do {
        const more = from === undefined ? '' : `&continuation-token=${encoded(from)}`;
        const query = `?list-type=2&encoding-type=url${more}&prefix=${encoded(prefix)}`;
        const answer = await call('GET', '', { query });
        if (answer === undefined) throw noBucket(name);
        const page = textOf(answer);
        keys.push(...keysIn(page));
        from = textIn(page, 'NextContinuationToken');
      } while (from !== undefined);
      return keys;
    },
  };
}

/** With the bucket in the host name, of an emulator in the path; ends in `/`. */
function baseOf(access: AwsAccess, name: string): string {
  const endpoint = new URL(endpointOf(access, 's3'));
  if (access.endpoint?.('s3') !== undefined) return `${endpoint.origin}/${name}/`;
  return `${endpoint.protocol}//${name}.${endpoint.host}/`;
}

/** As AWS encodes keys and parameters: everything but letters, digits and `-_.~`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Nothing for an object that is not there. @throws {Error} `S3.AccessDenied` … */
function missing({ status, body }: Answer): undefined {
  const said = textOf(body);
  const code = textIn(said, 'Code');
  if (status === 404 && (code === undefined || code === 'NoSuchKey')) return undefined;
  throw refusal('s3', code ?? `${status}`, textIn(said, 'Message') ?? '');
}

function noBucket(name: string): Error {
  return namedError('S3.NoSuchBucket', `bucket "${name}": must be there, got none`);
}

function keysIn(page: string): readonly string[] {
  return [...page.matchAll(/<Contents>.*?<Key>([^<]*)<\/Key>/gs)].map(([, key = '']) =>
    decodeURIComponent(key.replaceAll('+', ' ')),
  );
}

function textIn(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text === undefined
    ? undefined
    : text.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};
