/** Objects of the environment's bucket. */
import { namedError } from '../../runtime/named-error.ts';
import {
  type Answer,
  type AwsAccess,
  refusal,
  type SignedRequest,
  signedCall,
  textOf,
} from '../signed/call.ts';
import { baseOf } from '../signed/s3.ts';
import { encoded, keyPath, keysIn, textIn } from '../signed/s3-text.ts';

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
    const url = new URL(`${base}${keyPath(key)}${query}`);
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
