/** Bundles the command line and the doors of the package: `npm run build`. What else the package holds: `pack.ts`. */
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildLambdas } from './build-lambdas.ts';

const OUT = 'dist';

const { metafile } = await build({
  // One build with splitting: the command line and the pipeline files it loads share one instance of every
  // module, so a task's body kept by one is found by the other and an error's class is the same on both sides.
  entryPoints: {
    tutti: 'bin/tutti.ts',
    index: 'lib/index.ts',
    testing: 'lib/testing.ts',
    constructs: 'lib/constructs/index.ts',
  },
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  chunkNames: 'chunks/[name]-[hash]',
  // Native, and loaded only by the commands that need them; and CDK, which is the app's own.
  external: ['esbuild', '@duckdb/node-api', 'aws-cdk-lib', 'constructs'],
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

const lambdas = await buildLambdas();

// Whoever passes on the code of others passes on their licences.
const inputs = [metafile, ...lambdas].flatMap((each) => Object.keys(each.inputs));
const bundled = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
const licenses = await Promise.all(
  [...bundled]
    .sort((a, b) => (a < b ? -1 : 1))
    .map(async (folder) => {
      const name = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
      const text = await readFile(
        name === undefined ? await sameLicense(folder) : join(folder, name),
        'utf8',
      );
      return `${folder.replace(/^.*node_modules\//, '')}\n\n${text}`;
    }),
);
await writeFile(join(OUT, 'LICENSES.txt'), licenses.join('\n\n'));

/** Some packages only name the licence that is ours, too. */
async function sameLicense(folder: string): Promise<string> {
  const { license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (license === 'Apache-2.0') return 'LICENSE';
  throw new Error(`${folder}: must have a license file, got none`);
}

// Parts of earlier builds go an hour later, for a command that runs meanwhile to find its own; none are packed.
const made = new Set(Object.keys(metafile.outputs));
const before = Date.now() - 3_600_000;
const earlier = (await readdir(OUT, { recursive: true })).filter(
  (name) => name.endsWith('.js') && !made.has(join(OUT, name)),
);
for (const name of earlier) {
  if ((await stat(join(OUT, name))).mtimeMs < before) await rm(join(OUT, name));
}
await writeFile(join(OUT, '.npmignore'), `${['.built', ...earlier].join('\n')}\n`);

// Where npx and npm's scripts look for commands. A command of package.json's would not make this link (npm links
// what dependencies bring), and with one npx goes through its cache at every call: 0.6 s instead of 0.3. That is
// why the folder that package.json names for commands is there only while the package is packed.
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
