/** Bundles the command line and the two doors that pipeline files import: `npm run build`. */
import { chmod, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const out = 'dist';

await rm(out, { recursive: true, force: true });
await build({
  // One build with splitting: the command line and the pipeline files it loads share one instance of every
  // module, so a task's body kept by one is found by the other and an error's class is the same on both sides.
  entryPoints: { tutti: 'bin/tutti.ts', index: 'lib/index.ts', testing: 'lib/testing.ts' },
  outdir: out,
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
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});
await chmod(`${out}/tutti.js`, 0o755);
