import { STSClient } from '@aws-sdk/client-sts';

/** What `cdk` takes where neither a variable nor a profile names a region. */
const NO_REGION = 'us-east-1';

/** The region of the profile in use. @see https://docs.aws.amazon.com/cdk/v2/guide/configure-env.html */
export function profileRegion(): Promise<string> {
  return new STSClient({}).config.region().catch(() => NO_REGION);
}
