/** Bundles the command line and the two doors that pipeline files import: `npm run build`. */
import { chmod, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
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

// Parts of earlier builds, an hour later: a command that runs meanwhile still finds its own.
const made = new Set(Object.keys(metafile.outputs));
const before = Date.now() - 3_600_000;
for (const name of await readdir(OUT, { recursive: true })) {
  const file = join(OUT, name);
  if (file.endsWith('.js') && !made.has(file) && (await stat(file)).mtimeMs < before) await rm(file);
}

// Where npx and npm's scripts look for commands. A `bin` in package.json would not make this link (npm links what
// dependencies bring), and with it npx installs this folder into its cache at every call: 2 s instead of 0.4.
const commands = 'node_modules/.bin';
await mkdir(commands, { recursive: true });
if (process.platform === 'win32') {
  await writeFile(join(commands, 'tutti.cmd'), '@node "%~dp0..\\..\\dist\\tutti.js" %*\r\n');
} else {
  await rm(join(commands, 'tutti'), { force: true });
  await symlink('../../dist/tutti.js', join(commands, 'tutti'));
}

// When this build was made; its files keep their times where nothing changed.
await writeFile(join(OUT, '.built'), '');
