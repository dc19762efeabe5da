/** The sample app as it is deployed. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import { dailySales } from '../../pipelines/daily-sales.ts';
import { etlExample } from '../../pipelines/etl-example.ts';
import { flights } from '../../pipelines/flights.ts';
import { lateFile } from '../../pipelines/late-file.ts';
import { userDataPipeline } from '../../pipelines/user-data-pipeline.ts';

const SAMPLES = [dailySales, etlExample, flights, lateFile, userDataPipeline];

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-cdk-'));
  await promisify(execFile)(process.execPath, ['bin/app.ts'], {
    env: { CDK_OUTDIR: folder, CDK_VALIDATION: 'false' },
  });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a stage for each environment that says where it is deployed, a stack for its core and one for DAGs', () => {
  const stacks = readdirSync(join(folder, 'assembly-dev')).filter((file) => file.endsWith('.template.json'));
  expect(stacks.map((file) => file.replace(/[0-9A-F]{8}\.template\.json$/, ''))).toEqual([
    'devCore',
    'devDags0',
  ]);
});

test('the very bytes that run here are deployed', () => {
  const texts = files('');
  const templates = files('assembly-dev').join('\n');
  for (const sample of SAMPLES)
    for (const { definition } of [compile(sample), compile(sample, { rerun: true })]) {
      const text = JSON.stringify(definition);
      expect(texts.includes(text) || templates.includes(JSON.stringify(text))).toBe(true);
    }
});

function files(below: string): readonly string[] {
  const names = readdirSync(join(folder, below)).filter((name) => name.endsWith('.json'));
  return names.map((name) => readFileSync(join(folder, below, name), 'utf8'));
}
