import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { compareTexts } from '../base/compare.ts';
import { RefusedError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { completePackage, holderOf, isInstalled, parsePackage, tuttiSpec } from './package-file.ts';

/** A project before it is written. */
export interface NewProject {
  readonly name: string;
  /** Path below the folder → text, package.json last. */
  readonly files: ReadonlyMap<string, string>;
  /** Whether there was a package.json, which is completed and otherwise left as it is. */
  readonly completes: boolean;
  /** Where `npm pack` has to be run before `npm install` finds this package; absent where it can be installed. */
  readonly packFirst?: string;
}

/** What the template calls itself. */
const TEMPLATE_NAME = 'my-pipelines';
const PACKAGE = 'package.json';

/**
 * Everything that `tutti init` writes into `folder`, which need not exist.
 *
 * @throws {RefusedError} `not-a-folder`; `files-exist` when something would be overwritten; `invalid-package`;
 *   `commonjs` when code is there that a module's package.json would break
 */
export function newProject(folder: string): NewProject {
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new RefusedError('not-a-folder', `tutti init › folder: must be a folder, got the file "${folder}"`);
  const from = packageFolder();
  const own = readPackage(from) ?? {};
  const name = projectName(folder);
  const files = templateFiles(join(from, 'template'), name);
  refuseExisting(folder, [...files.keys()]);
  const found = readPackage(folder);
  refuseCommonJs(folder, found);
  const version = String(own['version']);
  const installed = isInstalled(from);
  const tutti = tuttiSpec(
    { from, version, holder: installed ? readPackage(holderOf(from)) : undefined },
    folder,
  );
  files.set(PACKAGE, `${JSON.stringify(completePackage(found, { name, tutti, own }), null, 2)}\n`);
  const packed = installed || existsSync(join(from, `tutti-${version}.tgz`));
  return { name, files, completes: found !== undefined, ...(packed ? {} : { packFirst: from }) };
}

/** `Sales Data` → `sales-data`: a name for npm's packages, CloudFormation's stacks and the start of machines' names. */
export function projectName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 40)
    .replace(/-$/, '');
  // npm installs no package into a project of the same name.
  return name === '' || name === 'tutti' ? TEMPLATE_NAME : name;
}

/** This package's own folder, whether its source runs or what was built from it. */
function packageFolder(): string {
  return dirname(findPackageJSON(import.meta.url) ?? import.meta.dirname);
}

function readPackage(folder: string): JsonObject | undefined {
  const file = join(folder, PACKAGE);
  return existsSync(file) ? parsePackage(readFileSync(file, 'utf8'), file) : undefined;
}

function templateFiles(template: string, name: string): Map<string, string> {
  const paths = readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(template, join(entry.parentPath, entry.name)))
    // What a command left that was tried in the template itself.
    .filter((path) => !path.startsWith('.tutti'));
  const files = paths.map((path): [string, string] => {
    const text = readFileSync(join(template, path), 'utf8').replaceAll(TEMPLATE_NAME, name);
    // Under its own name npm would obey it, and leave it out of the package.
    return [path === 'gitignore' ? '.gitignore' : path, text];
  });
  return new Map(files.sort(([one], [other]) => compareTexts(one, other)));
}

function refuseExisting(folder: string, paths: readonly string[]): void {
  const there = paths.filter((path) => existsSync(join(folder, path)));
  if (there.length === 0) return;
  throw new RefusedError(
    'files-exist',
    `tutti init › folder: must have none of its files, got ${there.join(', ')}; nothing was written: move them away, or name another folder`,
  );
}

function refuseCommonJs(folder: string, found: JsonObject | undefined): void {
  if (found === undefined || found['type'] === 'module') return;
  const main = typeof found['main'] === 'string' ? found['main'] : 'index.js';
  if (!existsSync(join(folder, main))) return;
  throw new RefusedError(
    'commonjs',
    `tutti init › package.json › type: must be "module" where there is code, got "${String(found['type'] ?? 'commonjs')}" and ${main}; name another folder`,
  );
}
