import { basename, dirname, join, relative, resolve } from 'node:path';
import { RefusedError } from '../base/errors.ts';
import { isObject, type JsonObject } from '../base/json.ts';

/** What a project made by `tutti init` asks of its package.json. */
export interface Wanted {
  readonly name: string;
  /** Where npm finds this package: `0.1.0`, `file:../tutti-0.1.0.tgz`. */
  readonly tutti: string;
  /** This package's own package.json: its tools, in the versions that are tested with it. */
  readonly own: JsonObject;
}

/** What the template's files import or its README calls. */
const TOOLS = ['@types/node', 'aws-cdk', 'aws-cdk-lib', 'constructs', 'typescript'];
const SCRIPTS = { test: 'node --test "test/**/*.test.ts"', check: 'tsc && tutti check' };
/** `npm init` writes it where there is no test. */
const NO_TEST = /^echo .*no test specified/;

/** A project's package.json with all it needs. Whatever `found` says stays, but for what `npm init` fills in. */
export function completePackage(found: JsonObject | undefined, { name, tutti, own }: Wanted): JsonObject {
  const start = found ?? { name, version: '0.0.0', private: true, engines: own['engines'] };
  const { test, ...scripts } = objectIn(start, 'scripts');
  const dependencies = objectIn(start, 'dependencies');
  const devDependencies = objectIn(start, 'devDependencies');
  const versions = objectIn(own, 'devDependencies');
  const tools = TOOLS.filter((tool) => !(tool in dependencies)).map((tool) => [tool, versions[tool]]);
  return {
    ...start,
    type: 'module',
    scripts: {
      ...SCRIPTS,
      ...scripts,
      ...(typeof test === 'string' && !NO_TEST.test(test) ? { test } : {}),
    },
    dependencies: 'tutti' in devDependencies ? dependencies : { tutti, ...dependencies },
    devDependencies: { ...Object.fromEntries(tools), ...devDependencies },
  };
}

/**
 * What a package.json holds.
 *
 * @throws {RefusedError} `invalid-package` when it is no JSON object
 */
export function parsePackage(text: string, file: string): JsonObject {
  const parsed = parse(text);
  if (isObject(parsed)) return parsed;
  throw new RefusedError('invalid-package', `${file}: must be a JSON object, got ${text.slice(0, 40)}`);
}

/** The part of a package.json called `key`, empty where there is none. */
export function objectIn(file: JsonObject, key: string): JsonObject {
  const value = file[key];
  return isObject(value) ? value : {};
}

/** Where a project in `folder` finds this package, as the project says that has it installed. */
export interface Installed {
  /** This package's own folder. */
  readonly from: string;
  readonly version: string;
  /** The package.json beside the `node_modules` that holds it, if there is one. */
  readonly holder: JsonObject | undefined;
}

/** What to write as the dependency: a version, or a file of npm's `file:` kind, relative to `folder`. */
export function tuttiSpec({ from, version, holder }: Installed, folder: string): string {
  // Its repository: npm pack puts the package there.
  if (!isInstalled(from)) return fileSpec(join(from, `tutti-${version}.tgz`), folder);
  const of = holder ?? {};
  const spec = objectIn(of, 'dependencies')['tutti'] ?? objectIn(of, 'devDependencies')['tutti'];
  if (typeof spec !== 'string') return version;
  return spec.startsWith('file:') ? fileSpec(resolve(holderOf(from), spec.slice(5)), folder) : spec;
}

/** True when the folder of a package is below a `node_modules`. */
export function isInstalled(from: string): boolean {
  return basename(dirname(from)) === 'node_modules';
}

/** The folder whose `node_modules` holds the package in `from`. */
export function holderOf(from: string): string {
  return dirname(dirname(from));
}

function fileSpec(file: string, folder: string): string {
  return `file:${relative(folder, file).replaceAll('\\', '/')}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
