import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { RefusedError } from '../../base/errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type NewProject, newProject } from '../new-project.ts';
import type { Context } from '../program.ts';
import { rootOf } from '../project.ts';
import { count } from '../words.ts';

/**
 * Writes a project that works: two DAGs, their tests, a CDK app; then `npm install`, unless `install` is false.
 *
 * @throws {RefusedError} when a file would be overwritten, or the folder cannot be written; `install-failed`
 */
export async function init(
  context: Context,
  to: string,
  options: { readonly install: boolean },
): Promise<ExitCode> {
  const { terminal } = context;
  const folder = resolve(rootOf(context), to);
  const project = newProject(folder);
  write(folder, project);
  const files = [...project.files.keys()];
  const changed = project.completes ? '; package.json completed: type, scripts, dependencies' : '';
  terminal.print(`✓ ${project.name}: ${count(files.length, 'file')}${changed}`);
  for (const file of files) terminal.print(`  ${file}`);
  const installed = options.install && project.packFirst === undefined;
  if (installed) {
    terminal.print('npm install …');
    await install(folder);
  }
  const next = nextSteps(folder, project, installed);
  terminal.print(['next:', ...next.map((step) => `  ${step}`)].join('\n'));
  const { name, completes } = project;
  terminal.json({ folder, name, files, packageJson: completes ? 'completed' : 'created', installed, next });
  return EXIT.ok;
}

function write(folder: string, { files }: NewProject): void {
  try {
    for (const [path, text] of files) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  } catch (error) {
    throw notWritable(folder, error);
  }
}

function notWritable(folder: string, cause: unknown): RefusedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const text = `tutti init › folder: must be one that can be written, got "${folder}" (${why})`;
  return new RefusedError('not-writable', text, { cause });
}

function nextSteps(folder: string, { packFirst }: NewProject, installed: boolean): readonly string[] {
  const here = relative(process.cwd(), folder);
  return [
    ...(packFirst === undefined ? [] : [`(cd ${packFirst} && npm pack)`]),
    ...(here === '' ? [] : [`cd ${here.startsWith('..') ? folder : here}`]),
    ...(installed ? [] : ['npm install']),
    'npm test',
    'npx tutti run orders',
    'npx tutti dev',
  ];
}

/** Its output goes to the standard error: the standard output may be for programs. */
async function install(folder: string): Promise<void> {
  const code = await new Promise((done, failed) => {
    const npm = spawn('npm', ['install', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', process.stderr, process.stderr],
      // npm is a script there.
      shell: process.platform === 'win32',
    });
    npm.once('error', failed);
    npm.once('close', done);
  }).catch((cause: Error) => cause.message);
  if (code === 0) return;
  const text = `tutti init › npm install: must end with 0, got ${String(code)}; all files are written, run it again in "${folder}"`;
  throw new RefusedError('install-failed', text);
}
