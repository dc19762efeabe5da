/** Code of functions: what each loads before its first call, and how long that takes here. */
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleDags } from '../../lib/constructs/code/bundle.ts';
import { loadPipelines } from '../../lib/project/load.ts';
import { figure, inFolder, medianOf, note, run } from './measure.ts';

/** Kilobytes are 1,024 bytes; of all handlers the largest and the slowest, medians of 5. */
export async function bundleBench(root: string): Promise<void> {
  const core = join(root, 'dist/lambdas/core');
  if (!existsSync(core)) return note('no dist/lambdas: run `npm run build` first');
  const handlers = readdirSync(core).filter((name) => name.endsWith('.mjs'));
  const sizes = handlers.map((name) => ({ name, kb: closureKb(join(core, name)) }));
  await figure('bundle.core_kb', 'KB', async () => Math.max(...sizes.map(({ kb }) => kb)));
  note(sizes.map(({ name, kb }) => `${name} ${Math.round(kb)}`).join(', '));
  note(`all files of Core's archive, loaded later included: ${Math.round(folderKb(core))} KB`);
  await inFolder(async (folder) => {
    const samples = await sampleFolders(root, folder);
    await figure('bundle.dag_kb', 'KB', async () =>
      Math.max(...samples.map((sample) => closureKb(join(sample, 'index.mjs')))),
    );
    note(
      `all files of a DAG's archive, loaded later included: ${Math.round(folderKb(samples[0] ?? folder))} KB`,
    );
    await figure('bundle.load_ms', 'ms', async () => {
      const files = [
        ...handlers.map((name) => join(core, name)),
        ...samples.map((one) => join(one, 'index.mjs')),
      ];
      const times = files.map((file) => ({ file, ms: loadMs(file) }));
      note(
        times.map(({ file, ms }) => `${file.split('/').slice(-2).join('/')} ${Math.round(ms)}`).join(', '),
      );
      return Math.max(...times.map(({ ms }) => ms));
    });
  });
}

/** Each sample as its function's folder, without native code. */
async function sampleFolders(root: string, folder: string): Promise<readonly string[]> {
  const { dags } = await loadPipelines({ root });
  const code = bundleDags(dags, join(folder, 'scratch'));
  return dags.map(({ dag }) => {
    const place = join(folder, dag.id);
    cpSync(join(root, 'dist/lambdas/dag'), place, { recursive: true });
    writeFileSync(join(place, 'index.mjs'), code.get(dag.id)?.code ?? '');
    writeFileSync(
      join(place, 'environment.json'),
      '{ "environment": "dev", "bucket": "b", "connections": {} }',
    );
    return place;
  });
}

/** A file with all that it imports at once. */
function closureKb(file: string, seen = new Set<string>()): number {
  if (seen.has(file)) return 0;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(/(?:from|\bimport)"(\.[^"]+)"/g)].map(([, path = '']) =>
    join(dirname(file), path),
  );
  return imports.reduce((sum, path) => sum + closureKb(path, seen), statSync(file).size / 1024);
}

function folderKb(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.mjs'),
  );
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size / 1024, 0);
}

/** Median of 5 processes, after one that brings the file from the disk. */
function loadMs(file: string): number {
  const script = `const begin = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - begin);`;
  const env = { TUTTI_ENV: 'dev', AWS_REGION: 'eu-central-1' };
  const once = () => Number(run(['--input-type=module', '--eval', script], dirname(file), env));
  once();
  return medianOf(Array.from({ length: 5 }, once));
}
