import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import type { RunRecord } from './run-folder.ts';

/** Id that the run of a folder has in the store, or would have: of `tutti run` the same for the same folder. */
export function runIdOf({ id, input: { run }, startedAt }: RunRecord): string {
  return run.type === undefined ? `${run.logicalDate}~${ulidOf(id, Date.parse(startedAt))}` : run.id;
}

function ulidOf(name: string, startMs: number): string {
  const digest = createHash('sha256').update(name).digest();
  return encodeTime(startMs, 10) + [...digest.subarray(0, 16)].map((byte) => BASE32[byte % 32]).join('');
}

/** @see https://github.com/ulid/spec */
const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
