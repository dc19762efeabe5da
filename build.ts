/** Bundles the command line and the two doors that pipeline files import: `npm run build`. */
import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const OUT = 'dist';

const { metafile } = await build({
  // One build with splitting: the command line and the pipeline files it loads share one instance of every
  // module, so a task's body kept by one is found by the other and an error's class is the same on both sides.
  entryPoints: { tutti: 'bin/tutti.ts', index: 'lib/index.ts', testing: 'lib/testing.ts' },
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  chunkNames: 'chunks/[name]-[hash]',
  // Native, and loaded only by the commands that need them.
  external: ['esbuild', '@duckdb/node-api'],
  // Bundled CommonJS packages call `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as _createRequire } from 'node:module';const require = _createRequire(import.meta.url);",
  },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
await chmod(join(OUT, 'tutti.js'), 0o755);

// Last, so that a command that runs meanwhile still finds its parts.
const made = new Set(Object.keys(metafile.outputs));
for (const name of await readdir(OUT, { recursive: true })) {
  const file = join(OUT, name);
  if (file.endsWith('.js') && !made.has(file)) await rm(file);
}
// `npx tutti` looks here first. npm links the commands of dependencies only, and npx would install this folder
// as a package of its own.
if (process.platform !== 'win32') {
  const link = 'node_modules/.bin/tutti';
  await mkdir('node_modules/.bin', { recursive: true });
  await rm(link, { force: true });
  await symlink('../../dist/tutti.js', link);
}

// When this build was made; its files keep their times where nothing changed.
await writeFile(join(OUT, '.built'), '');
