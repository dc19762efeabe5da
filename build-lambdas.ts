/** Bundles of functions on AWS: Core's handlers, which share their parts, and the door that DAGs' own code imports. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { CORE_FUNCTIONS } from './lib/deployment/names.ts';

const OUT = join('dist', 'lambdas');

/** The same wherever it is built: no dates, no places of this machine. */
const COMMON: BuildOptions & { readonly metafile: true } = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  // Native: beside the bundle where it is used.
  external: ['@duckdb/node-api'],
  // Bundled CommonJS packages call `require`, which an ES module does not have.
  banner: {
    js: "import{createRequire as _createRequire}from'node:module';const require=_createRequire(import.meta.url);",
  },
  minify: true,
  // Names of classes are names of errors, which machines match.
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** Builds them and says what they consist of. */
export async function buildLambdas(): Promise<readonly Metafile[]> {
  const [core, dag] = await Promise.all([
    build({
      ...COMMON,
      entryPoints: Object.fromEntries(CORE_FUNCTIONS.map((name) => [name, handlerOf(name)])),
      outdir: join(OUT, 'core'),
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      plugins: [missing],
    }),
    build({
      ...COMMON,
      entryPoints: { runtime: handlerOf('runtime') },
      outdir: join(OUT, 'dag'),
      plugins: [missing],
    }),
  ]);
  const metafiles = [core.metafile, dag.metafile];
  await removeOthers(new Set(metafiles.flatMap(({ outputs }) => Object.keys(outputs))));
  return metafiles;
}

/** What an earlier build left would be deployed. */
async function removeOthers(made: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !made.has(file)) await rm(file, { force: true });
  }
}

function handlerOf(name: string): string {
  const file = join('lambdas', `${name}.ts`);
  return existsSync(file) ? file : `missing:${name}`;
}

/** A handler that is not written yet says so when it is called. */
const missing: Plugin = {
  name: 'missing',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^missing:/ }, ({ path }) => ({ path: path.slice(8), namespace: 'missing' }));
    onLoad({ filter: /.*/, namespace: 'missing' }, ({ path }) => {
      const refusal = `async () => { throw new Error('lambdas/${path}.ts is not there yet'); }`;
      const contents =
        path === 'runtime'
          ? `export * from './lib/index.ts';\nexport const dagHandler = () => ${refusal};`
          : `export const handler = ${refusal};`;
      return { contents, resolveDir: process.cwd() };
    });
  },
};
