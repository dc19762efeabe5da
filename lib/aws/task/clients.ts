/** Clients of AWS for what only some tasks need: each package is loaded when its client is first asked for. */
import type { AthenaClient } from '@aws-sdk/client-athena';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';

/** One client of each, however often it is asked for. */
export interface Clients {
  readonly athena: () => Promise<AthenaClient>;
  readonly dynamodb: () => Promise<DynamoDBClient>;
  readonly lambda: () => Promise<LambdaClient>;
  readonly s3: () => Promise<S3Client>;
  readonly sfn: () => Promise<SFNClient>;
}

/** What clients are made with. @default what the process's environment says: region, credentials, endpoints */
export interface ClientOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Of S3 on emulators: the bucket in the path. */
  readonly forcePathStyle?: boolean;
}

export function lazyClients(options: ClientOptions = {}): Clients {
  return {
    athena: once(async () => new (await import('@aws-sdk/client-athena')).AthenaClient(options)),
    dynamodb: once(async () => new (await import('@aws-sdk/client-dynamodb')).DynamoDBClient(options)),
    lambda: once(async () => new (await import('@aws-sdk/client-lambda')).LambdaClient(options)),
    s3: once(async () => new (await import('@aws-sdk/client-s3')).S3Client(options)),
    sfn: once(async () => new (await import('@aws-sdk/client-sfn')).SFNClient(options)),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
