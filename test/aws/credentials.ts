/** What everybody here is signed with: the emulator has one account, and asks nobody who he is. */

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
/** Of the only access key. */
export const SECRET = 'test';
export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: SECRET };

/** For a process that asks AWS here: nothing of the surroundings is taken, nothing elsewhere is asked. */
export function awsVariables(endpoint: string): NodeJS.ProcessEnv {
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _session, ...inherited } = process.env;
  return {
    ...inherited,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
}
