import type { AwsAccess, CalledService } from './call.ts';

/** As Lambda says it to a function's process, by its variables; they are read at every request. */
export function accessBy(variables: Readonly<Record<string, string | undefined>>): AwsAccess {
  return {
    region: variables['AWS_REGION'] ?? '',
    credentials: () => ({
      accessKeyId: variables['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: variables['AWS_SECRET_ACCESS_KEY'] ?? '',
      ...(variables['AWS_SESSION_TOKEN'] === undefined
        ? {}
        : { sessionToken: variables['AWS_SESSION_TOKEN'] }),
    }),
    // Of an emulator, named as the SDKs have it: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    endpoint: (service) => variables[`AWS_ENDPOINT_URL_${NAMES[service]}`] ?? variables['AWS_ENDPOINT_URL'],
  };
}

const NAMES: Readonly<Record<CalledService, string>> = {
  athena: 'ATHENA',
  dynamodb: 'DYNAMODB',
  events: 'EVENTBRIDGE',
  lambda: 'LAMBDA',
  s3: 'S3',
  secretsmanager: 'SECRETS_MANAGER',
  states: 'SFN',
};
