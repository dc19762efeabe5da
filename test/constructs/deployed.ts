/** Projects as they would be deployed: their templates, without an account. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../lib/base/json.ts';
import { App } from '../../lib/constructs/cdk.ts';
import type { DeployedEnvironment } from '../../lib/constructs/index.ts';
import { Tutti } from '../../lib/constructs/index.ts';
import { loadPipelines } from '../../lib/project/load.ts';

/** The validator of CDK takes seconds; what its rules say is asked in a test of its own. */
process.env['CDK_VALIDATION'] = 'false';

export const AWS = { account: '111122223333', region: 'eu-central-1' } as const;

export interface Resource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}

export type Template = Readonly<Record<string, Resource>>;

export interface Deployed {
  /** Resources by stack: `Core`, `Dags0`. */
  readonly stacks: Readonly<Record<string, Template>>;
  /** Bytes of every template, by stack. */
  readonly texts: Readonly<Record<string, string>>;
  /** Names of assets. */
  readonly assets: readonly string[];
  /** Content of assets that are JSON. */
  readonly documents: readonly string[];
}

/** A pipeline file of a DAG with some functions, one after the other. */
export function pipeline(id: string, body = '1', options = "schedule: '@daily'"): string {
  return `import { dag, fn } from 'tutti';

export const one = dag('${id}', { ${options} }, ({ task }) => {
  const first = task('first', fn(async () => ${body}));
  task('second', fn(async () => 2), { after: first });
});
`;
}

/** Deploys pipeline files, by name, and gives what would be. */
export async function deployed(
  files: Readonly<Record<string, string>>,
  environment: Partial<DeployedEnvironment> = {},
  root = folder(),
): Promise<Deployed> {
  rmSync(join(root, 'pipelines'), { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    const file = join(root, 'pipelines', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const { dags, problems } = await loadPipelines({ root });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const outdir = mkdtempSync(join(root, 'cdk-'));
  const app = new App({ autoSynth: false, outdir, analyticsReporting: false });
  new Tutti(app, 'dev', { dags, environment: { name: 'dev', aws: AWS, ...environment }, root });
  app.synth();
  return read(outdir);
}

function read(outdir: string): Deployed {
  const folderOf = join(outdir, 'assembly-dev');
  const files = readdirSync(folderOf).filter((file) => file.endsWith('.template.json'));
  const texts = Object.fromEntries(
    files.map((file) => [
      file.replace(/^dev/, '').replace(/[0-9A-F]{8}\.template\.json$/, ''),
      readFileSync(join(folderOf, file), 'utf8'),
    ]),
  );
  const stacks = Object.entries(texts).map(([stack, text]) => [stack, JSON.parse(text).Resources ?? {}]);
  const assets = readdirSync(outdir).filter((file) => file.startsWith('asset.'));
  const documents = assets
    .filter((file) => file.endsWith('.json'))
    .map((file) => readFileSync(join(outdir, file), 'utf8'));
  return { stacks: Object.fromEntries(stacks), texts, assets, documents };
}

/** A folder that is gone when the test ends. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tutti-deployed-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

export function ofType(template: Template, type: string): readonly Resource[] {
  return Object.values(template).filter(({ Type }) => Type === type);
}

/** Logical ids of resources that are in both and not the same. */
export function changed(before: Template, after: Template): readonly string[] {
  return Object.keys(before).filter(
    (id) => after[id] !== undefined && JSON.stringify(before[id]) !== JSON.stringify(after[id]),
  );
}
