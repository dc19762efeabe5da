import type { AwsClient } from '../signed/command.ts';
import { GetObjectCommand, PutObjectCommand } from '../signed/commands.ts';
import { busyOr } from './busy.ts';
import type { OutputStore } from './ledger.ts';

/** Outputs that are too large for the ledger, in the environment's bucket. */
export function bucketOutputs(client: () => Promise<AwsClient>, bucket: string): OutputStore {
  return {
    async put(key, text) {
      const request = { Bucket: bucket, Key: key, Body: text, ContentType: 'application/json' };
      await (await client()).send(new PutObjectCommand(request)).catch(passes);
    },
    async get(key) {
      const { Body } = await (await client())
        .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        .catch(passes);
      return (await Body?.transformToString()) ?? 'null';
    },
  };
}

function passes(thrown: unknown): never {
  throw busyOr(thrown, (error) => error);
}
