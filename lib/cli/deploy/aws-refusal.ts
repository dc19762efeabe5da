/** What AWS answers operators' commands when it does not do what they ask, as the refusals that commands know. */
import { RefusedError } from '../../base/errors.ts';

export interface Asking {
  /** `gc` */
  readonly command: string;
  readonly environment: string;
  /** What its rights are in: `the managed policy tutti-prod-operator`. */
  readonly rights: string;
}

/**
 * Does what asks AWS itself.
 *
 * @throws {RefusedError} `forbidden`, `expired-credentials`, `no-credentials`, `unreachable`; what is none of these as it is
 */
export async function askingAws<T>(asking: Asking, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOf(error, asking) ?? error;
  }
}

function refusalOf(cause: unknown, { command, environment, rights }: Asking): RefusedError | undefined {
  if (!(cause instanceof Error) || cause instanceof RefusedError) return undefined;
  const { name } = cause;
  const said = (cause.message.split('\n', 1)[0] ?? '').slice(0, 300);
  const refused = (code: string, text: string) =>
    new RefusedError(code, `tutti ${command} › ${text}`, { cause });
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized/.test(name))
    return refused(
      'forbidden',
      `${environment}: must be allowed to you, got "${said}"; ask for ${rights}, or use another AWS_PROFILE`,
    );
  if (/Expired/.test(name))
    return refused(
      'expired-credentials',
      `AWS credentials: must be valid, got expired ones ("${said}"); sign in again: aws sso login`,
    );
  if (/CredentialsProvider|UnrecognizedClient|InvalidClientToken/.test(name))
    return refused(
      'no-credentials',
      `AWS credentials: must be there, got none that AWS knows ("${said}"); sign in with aws sso login, or set AWS_PROFILE`,
    );
  if (
    /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN)$/.test(codeOf(cause)) ||
    name === 'TimeoutError'
  )
    return refused(
      'unreachable',
      `AWS: must answer, got "${said}"; look at the network, the proxy, and aws.region in tutti.config.ts`,
    );
  return undefined;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
