/** Where whoever types is, by the rules of the `cdk` command: what its apps get as `CDK_DEFAULT_ACCOUNT` and `CDK_DEFAULT_REGION`. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

export interface CdkPlace {
  /** Absent: nobody is signed in, or nobody answers. */
  readonly account?: string;
  readonly region: string;
}

/** What `cdk` takes where neither a variable nor a profile names a region. */
const NO_REGION = 'us-east-1';

/** @see https://docs.aws.amazon.com/cdk/v2/guide/configure-env.html */
export async function cdkPlace(variables: Readonly<Record<string, string | undefined>>): Promise<CdkPlace> {
  const region = variables['AWS_REGION'] ?? variables['AWS_DEFAULT_REGION'] ?? (await profileRegion());
  const sts = new STSClient({ region });
  const account = await sts.send(new GetCallerIdentityCommand({})).then(
    ({ Account }) => Account,
    // The command asks next, and tells why not.
    () => undefined,
  );
  return { region, ...(account === undefined ? {} : { account }) };
}

function profileRegion(): Promise<string> {
  return new STSClient({}).config.region().catch(() => NO_REGION);
}
