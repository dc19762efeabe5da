/** Functions of the samples find their data where they are deployed: each archive alone, in an empty folder. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/base/json.ts';
import { App } from '../../lib/constructs/cdk.ts';
import { Tutti } from '../../lib/constructs/index.ts';
import { loadPipelines } from '../../lib/project/load.ts';
import { Cloud } from '../aws/task/cloud.ts';
import { runInput } from '../aws/task/rig.ts';
import { CREDENTIALS } from '../aws/task/signature.ts';
import { AWS as PLACE } from './deployed.ts';

const AWS = { ...PLACE, architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64' } as const;
const cloud = new Cloud(`tutti-dev-${AWS.account}-${AWS.region}`);
let folder: string;
let outdir: string;

beforeAll(async () => {
  await cloud.start();
  folder = mkdtempSync(join(tmpdir(), 'tutti-samples-'));
  outdir = join(folder, 'cdk');
  const root = resolve('.');
  const { dags } = await loadPipelines({ root });
  const app = new App({ autoSynth: false, outdir, analyticsReporting: false });
  const connections = {
    warehouse: { kind: 'sql' },
    shop: { kind: 'http', baseUrl: 'https://shop.example.com' },
  } as const;
  const files = ['etl_example', 'flights', 'late_file', 'user_data_pipeline'];
  const some = dags.filter(({ dag }) => files.includes(dag.id));
  new Tutti(app, 'dev', { dags: some, environment: { name: 'dev', aws: AWS, connections }, root });
  app.synth();
}, 60_000);

afterAll(() => {
  cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['etl_example', 'ingest_db', { start: '2026-01-04', end: '2026-01-06' }, undefined],
  ['flights', 'land', undefined, 'files/raw/flights/2001.parquet'],
  ['late_file', 'supplier', { folder: 'in', month: '2012-02-01', late: 0 }, 'files/in/part-1.csv'],
  [
    'user_data_pipeline',
    'extract',
    { day: '2024-02-29', deliver: 'good' },
    'files/raw/users/date=2024-02-29/users.csv',
  ],
])('of %s', async (dagId, task, args, written) => {
  const reply = await called(unpacked(dagId), {
    ...{ dag: dagId, task, try: 1, want: [''] },
    ...(args === undefined ? {} : { args }),
    execution: runInput({ table: { name: 'none', url: '' } }, dagId),
  });
  if (written === undefined)
    expect(reply).toMatchObject({ out: { '': [{ day: '2026-01-04' }, { day: '2026-01-05' }] } });
  else expect(cloud.objects.get(written)?.length).toBeGreaterThan(100);
});

/** Calls the handler of an archive, in a process of its own. */
async function called(place: string, event: object): Promise<unknown> {
  const code = `const { handler } = await import('./index.mjs');
const reply = await handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 60_000 });
process.stdout.write('\\nreply ' + JSON.stringify(reply) + '\\n');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: place,
    env: {
      AWS_REGION: AWS.region,
      AWS_ENDPOINT_URL: cloud.url,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
    },
  });
  const [said, failed] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [, reply] = /^reply (.*)$/m.exec(said) ?? [];
  if (reply === undefined) throw new Error(`${said}\n${failed}`);
  return JSON.parse(reply);
}

/** A folder with what is in a DAG's archive, and nothing around it. */
function unpacked(dagId: string): string {
  const assembly = join(outdir, 'assembly-dev');
  const template = readdirSync(assembly).find((file) => /Dags0.*\.template\.json$/.test(file)) ?? '';
  const { Resources } = JSON.parse(readFileSync(join(assembly, template), 'utf8'));
  const functions: readonly JsonObject[] = Object.values<{ Properties: JsonObject }>(Resources).map(
    ({ Properties }) => Properties,
  );
  const found = functions.find(({ FunctionName: name }) => name === `tutti-dev-${dagId}-0`);
  const { S3Key: key } = (found?.['Code'] ?? {}) as { readonly S3Key?: string };
  const archive = readFileSync(join(outdir, `asset.${key?.replace(/^.*\//, '')}`));
  const place = mkdtempSync(join(folder, `${dagId}-`));
  for (const [path, content] of entriesIn(archive)) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), content);
  }
  return place;
}

/** @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
function* entriesIn(archive: Buffer): Generator<readonly [path: string, content: Buffer | undefined]> {
  const end = archive.length - 22;
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [size, nameLength, offset] = [
      archive.readUInt32LE(at + 20),
      archive.readUInt16LE(at + 28),
      archive.readUInt32LE(at + 42),
    ];
    const path = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const from = offset + 30 + nameLength;
    // 60 MB that no function here loads.
    const isNative = path.startsWith('node_modules/@duckdb/');
    yield [path, isNative ? undefined : inflateRawSync(archive.subarray(from, from + size))];
    at += 46 + nameLength;
  }
}
