/**
 * What the package holds beside `dist/`'s JavaScript and is not wanted otherwise: `make` before `npm pack`,
 * `remove` after it. See https://docs.npmjs.com/cli/v11/using-npm/scripts#life-cycle-scripts
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'dist/package';
/** What package.json's `directories.bin` says: every file in it becomes a command of its name. */
const COMMANDS = join(FOLDER, 'command', 'bin');

rmSync(FOLDER, { recursive: true, force: true });
if (process.argv[2] === 'make') make();

function make(): void {
  const { status } = spawnSync(join('node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.types.json'], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  mkdirSync(COMMANDS, { recursive: true });
  // A name without extension is CommonJS everywhere but below a package.json that says otherwise.
  writeFileSync(join(FOLDER, 'command', 'package.json'), '{ "type": "commonjs" }\n');
  writeFileSync(join(COMMANDS, 'tutti'), "#!/usr/bin/env node\nimport('../../../tutti.js');\n", {
    mode: 0o755,
  });
}
