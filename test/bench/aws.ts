/** What deploying costs before AWS is asked: synthesis beside an app written by hand, and code of functions. */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleBench } from './aws-bundles.ts';
import { L2_APP } from './aws-l2.ts';
import { figure, inFolder, medianSec, note, print, run } from './measure.ts';

const ROOT = join(import.meta.dirname, '../..');
const DAGS = 250;
/** Layers of tasks that all wait for the layer before. */
const [LAYERS, WIDTH] = [5, 4];
const AWS = "{ account: '111122223333', region: 'eu-central-1' }";

const PARTS = {
  synth: synthBench,
  bundle: () => bundleBench(ROOT),
  cost: costBench,
} as const;

/** What synthesis, code and runs cost; `npm run bench:aws -- cost` one of them. */
export async function awsBench(wanted: readonly string[]): Promise<void> {
  const named = Object.entries(PARTS).filter(([name]) => wanted.includes(name));
  for (const [, bench] of named.length === 0 ? Object.entries(PARTS) : named) await bench();
}

/** Of a run of 20 tasks, counted on LocalStack: a minute, and what `npm run test:aws` installs. */
async function costBench(): Promise<void> {
  await figure('cost.per_1000_runs_usd', '$', async () => {
    const said = run([join(ROOT, 'test/aws/run.ts'), 'cost'], ROOT, { TUTTI_REQUIRE_EMULATOR: '1' });
    const line = said.split('\n').find((text) => text.startsWith('{')) ?? '{}';
    const told: { readonly 'cost.per_1000_runs_usd'?: number; readonly usage?: object } = JSON.parse(line);
    note(`a run of 20 tasks: ${JSON.stringify(told.usage)}`);
    return told['cost.per_1000_runs_usd'] ?? Number.NaN;
  });
}

/** 250 DAGs of 20 tasks, by the CLI with its validation off, medians of 3. */
async function synthBench(): Promise<void> {
  await inFolder(async (folder) => {
    project(folder);
    writeFileSync(join(folder, 'l2.mjs'), L2_APP);
    const seconds = { ours: Number.NaN, theirs: Number.NaN };
    await figure('synth.ratio', '', async () => {
      seconds.ours = await medianSec(3, () => synth(folder, 'app.mjs', 'ours'));
      seconds.theirs = await medianSec(3, () => synth(folder, 'l2.mjs', 'theirs'));
      return seconds.ours / seconds.theirs;
    });
    note(
      `cdk synth of ${DAGS} DAGs: ${seconds.ours.toFixed(1)} s, by L2 constructs ${seconds.theirs.toFixed(1)} s`,
    );
    templates(join(folder, 'ours/assembly-prod'));
  });
}

function project(folder: string): void {
  mkdirSync(join(folder, 'pipelines'));
  mkdirSync(join(folder, 'code'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(folder, 'tutti.config.ts'),
    `export const config = { environments: { prod: { aws: ${AWS} } } };\n`,
  );
  writeFileSync(
    join(folder, 'app.mjs'),
    `import { tuttiApp } from ${JSON.stringify(join(ROOT, 'dist/constructs.js'))};\nawait tuttiApp();\n`,
  );
  for (let index = 0; index < DAGS; index++) {
    writeFileSync(join(folder, `pipelines/dag_${index}.ts`), pipeline(`dag_${index}`));
    mkdirSync(join(folder, `code/dag_${index}`));
    writeFileSync(join(folder, `code/dag_${index}/index.mjs`), `export const handler = () => ${index};\n`);
  }
}

function pipeline(id: string): string {
  const names = Array.from({ length: LAYERS }, (_, layer) =>
    Array.from({ length: WIDTH }, (_, column) => `t${layer}_${column}`),
  );
  const lines = names.flatMap((layer, index) =>
    layer.map((name) => {
      const after = index === 0 ? '' : `, { after: [${names[index - 1]?.join(', ')}] }`;
      return `  const ${name} = task('${name}', fn(async () => {})${after});`;
    }),
  );
  return [
    "import { dag, fn } from 'tutti';",
    `export const ${id} = dag('${id}', { schedule: '@daily' }, ({ task }) => {`,
    ...lines,
    '});',
    '',
  ].join('\n');
}

function synth(folder: string, app: string, out: string): void {
  const cdk = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  const args = [
    cdk,
    'synth',
    '--quiet',
    '--no-notices',
    '--app',
    `${process.execPath} ${app}`,
    '--output',
    out,
  ];
  run(args, folder, { CDK_VALIDATION: 'false', CDK_DISABLE_CLI_TELEMETRY: 'true' });
}

/** Of all stacks, Core's too. */
function templates(assembly: string): void {
  const stacks = readdirSync(assembly)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => ({
      name,
      types: typesIn(join(assembly, name)),
      bytes: statSync(join(assembly, name)).size,
    }));
  const ofDags = stacks
    .filter(({ name }) => name.includes('Dags'))
    .flatMap(({ types }) => types)
    .filter((type) => type !== 'Custom::TuttiDags' && type !== 'AWS::CDK::Metadata');
  if (!stacks.some(({ name }) => name.includes('Core')))
    throw new Error(`no template of Core in ${assembly}`);
  print('synth.resources_per_dag', ofDags.length / DAGS, '');
  print('synth.largest_stack_resources', Math.max(...stacks.map(({ types }) => types.length)), '');
  print('synth.largest_stack_kb', Math.max(...stacks.map(({ bytes }) => bytes)) / 1024, 'KB');
}

function typesIn(file: string): readonly string[] {
  const template: { readonly Resources: Readonly<Record<string, { readonly Type: string }>> } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  return Object.values(template.Resources).map(({ Type }) => Type);
}
