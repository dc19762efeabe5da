/** Whose credentials these are. */
import { RefusedError } from '../../base/errors.ts';
import { domainOf } from '../../deployment/names.ts';
import type { AwsConfig } from '../../model/environment.ts';
import type { Variables } from './place.ts';
import { refusalOf } from './refusal.ts';

/**
 * Refuses credentials of another account than the environment's.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 * @throws {RefusedError} `wrong-account`, those of {@link refusalOf} and of signed requests
 */
export async function assertCaller(
  { environment, aws }: { readonly environment: string; readonly aws: AwsConfig },
  variables: Variables,
): Promise<void> {
  const { response, text, account } = await identityIn(aws.region, variables);
  if (account === undefined)
    throw refusalOf(response, text, { environment, reads: true, what: 'sts:GetCallerIdentity' });
  assertAccount(environment, aws, account);
}

/** What STS answers, and the account where it tells one. @throws {RefusedError} those of signed requests */
export async function identityIn(
  region: string,
  variables: Variables,
): Promise<{ readonly response: Response; readonly text: string; readonly account: string | undefined }> {
  const { signedFetch } = await import('../../aws/signed-fetch.ts');
  const endpoint = variables['AWS_ENDPOINT_URL_STS'] ?? variables['AWS_ENDPOINT_URL'];
  const response = await signedFetch({ region })({
    service: 'sts',
    method: 'POST',
    url: endpoint ?? `https://sts.${region}.${domainOf(region)}/`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  });
  const text = await response.text();
  const [, account] = (response.ok && /<Account>(\d{12})<\/Account>/.exec(text)) || [];
  return { response, text, account };
}

/** @throws {RefusedError} `wrong-account` */
export function assertAccount(environment: string, aws: AwsConfig, account: string): void {
  if (account === aws.account) return;
  throw new RefusedError(
    'wrong-account',
    `tutti › --env: "${environment}" is in account ${aws.account}, got credentials of ${account}; sign in there, or set AWS_PROFILE`,
  );
}

/** @throws {RefusedError} `wrong-region` */
export function assertRegion(environment: string, aws: AwsConfig, region: string): void {
  if (region === aws.region) return;
  throw new RefusedError(
    'wrong-region',
    `tutti › --env: "${environment}" is in region ${aws.region}, got an address in ${region}; correct the address, or aws.region in tutti.config.ts`,
  );
}
