/** Bundles of functions on AWS: Core's handlers, which share their parts, and the door that DAGs' own code imports. */
import { globSync, readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { CORE_FUNCTIONS } from './lib/deployment/names.ts';

const OUT = join('dist', 'lambdas');

/** Code that is loaded only when it is needed, of the SDK's clients what our code names of them: all would be twice as much. */
const lazyClients: Plugin = {
  name: 'lazy-clients',
  setup({ onResolve, onLoad }) {
    const namespace = 'lazy-client';
    onResolve({ filter: /^@aws-sdk\/client-/ }, ({ path, kind, namespace: from }) =>
      kind === 'dynamic-import' && from !== namespace ? { path, namespace } : undefined,
    );
    onLoad({ filter: /.*/, namespace }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => named.has(name));
      return {
        contents: `export { ${names.sort((a, b) => (a < b ? -1 : 1)).join(', ')} } from '${path}';`,
        resolveDir: process.cwd(),
      };
    });
  },
};

/** Every name with a capital that stands in what may be bundled. */
const named = new Set(
  globSync(['lib/aws/**/*.ts', 'lambdas/*.ts']).flatMap(
    (file) => readFileSync(file, 'utf8').match(/\b[A-Z]\w+/g) ?? [],
  ),
);

/** The same wherever it is built: no dates, no places of this machine. */
const COMMON: BuildOptions & { readonly metafile: true } = {
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  alias: { '@aws-sdk/credential-provider-node': './lambdas/credentials.ts' },
  // Native: beside the bundle where it is used.
  external: ['@duckdb/node-api'],
  // Bundled CommonJS packages call `require`, which an ES module does not have.
  banner: {
    js: "import{createRequire as _createRequire}from'node:module';const require=_createRequire(import.meta.url);",
  },
  minify: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** Builds them and says what they consist of. */
export async function buildLambdas(): Promise<readonly Metafile[]> {
  const made = await Promise.all([
    build({
      ...COMMON,
      entryPoints: Object.fromEntries(CORE_FUNCTIONS.map((name) => [name, join('lambdas', `${name}.ts`)])),
      outdir: join(OUT, 'core'),
      plugins: [lazyClients],
    }),
    build({
      ...COMMON,
      entryPoints: { runtime: join('lambdas', 'runtime.ts') },
      outdir: join(OUT, 'dag'),
      plugins: [lazyClients],
    }),
  ]);
  const metafiles = made.map(({ metafile }) => metafile);
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
