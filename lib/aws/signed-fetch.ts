/** Requests signed with the credentials of whoever types. Loaded only where an environment on AWS is asked. */
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { AwsClient } from 'aws4fetch';
import { RefusedError } from '../base/errors.ts';

export interface SignedRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whose permissions are asked: `lambda` of Function URLs, `execute-api` of HTTP APIs, `ssm`. */
  readonly service: string;
  readonly signal?: AbortSignal;
}

/** Sends one request. @throws {RefusedError} `no-credentials`, `expired-credentials`, `unreachable` */
export type SignedFetch = (request: SignedRequest) => Promise<Response>;

/**
 * Signs by the chain that the AWS CLI has: variables, profiles, single sign-on, the machine's role.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function signedFetch({ region }: { readonly region: string }): SignedFetch {
  const credentials = defaultProvider();
  return async ({ url, service, headers = {}, method = 'GET', body, signal }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials().catch((error: unknown) => {
      throw noCredentials(error);
    });
    const client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      region,
      service,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
    const request = await client.sign(url, { method, headers, ...(body === undefined ? {} : { body }) });
    try {
      return await fetch(request, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw unreachable(new URL(url).host, error);
    }
  };
}

function noCredentials(cause: unknown): RefusedError {
  const why = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause);
  if (/expired/i.test(why))
    return new RefusedError(
      'expired-credentials',
      `tutti › AWS credentials: must be valid, got expired ones (${why}); sign in again: aws sso login`,
      { cause },
    );
  return new RefusedError(
    'no-credentials',
    `tutti › AWS credentials: must be there, got none (${why}); sign in with aws sso login, or set AWS_PROFILE`,
    { cause },
  );
}

function unreachable(host: string, cause: unknown): RefusedError {
  const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const why = reason instanceof Error ? reason.message || reason.name : String(reason);
  return new RefusedError(
    'unreachable',
    `tutti › ${host}: must answer, got ${why}; look at the network, the proxy, and whether it is deployed`,
    { cause },
  );
}
