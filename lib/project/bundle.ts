import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type {
  BuildFailure,
  BuildOptions,
  Loader,
  Message,
  Metafile,
  OnResolveArgs,
  PartialMessage,
  Plugin,
  PluginBuild,
} from 'esbuild';
import type { Problem } from '../base/errors.ts';
import { fileOf, problemsOf } from './bundle-problems.ts';
import { isDoor, openDoor } from './doors.ts';

/** Where the code of a bundle finds the doors that are open. */
const OPEN_DOORS = Symbol.for('tutti.doors');
const openDoors: Record<string, Readonly<Record<string, unknown>>> = {};

/** Files in one piece of JavaScript. */
export interface Bundle {
  /** Exports `load`, an object: file → function that evaluates it and gives its exports. */
  readonly code: string;
  /** Source map as JSON, its sources absolute. */
  readonly map: string;
  /** The files in it, in the order given: all but those with problems. */
  readonly files: readonly string[];
  /** Those of them that another one imports. */
  readonly imported: ReadonlySet<string>;
  /** Every file in it, theirs included, with the files it imports itself; none of packages. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
}

const DOOR_NAMESPACE = 'tutti-door';
const OURS = 'tutti-resolving';
const ENTRY = 'tutti-entry';

/**
 * Bundles files, what they import locally included; packages stay outside. A file that does not
 * compile is left out and told as a problem; the others are not affected.
 */
export async function bundle(files: readonly string[], root: string): Promise<Bundle> {
  const first = await attempt(files, root);
  if (!('errors' in first)) return first;
  const broken = new Set(first.errors.map((error) => fileOf(error, root)));
  const others = files.filter((file) => !broken.has(file));
  const second = others.length < files.length ? await attempt(others, root) : first;
  if (!('errors' in second)) return { ...second, problems: problemsOf(first.errors, root, openDoors) };
  return bundleEach(files, root);
}

/** Finds out about each file by itself which of them compile: needed where something they share does not. */
async function bundleEach(files: readonly string[], root: string): Promise<Bundle> {
  const each = await Promise.all(files.map((file) => attempt([file], root)));
  const errors = each.flatMap((result) => ('errors' in result ? result.errors : []));
  const good = files.filter((_, index) => !('errors' in (each[index] ?? {})));
  const result = await attempt(good, root);
  if ('errors' in result)
    return {
      code: '',
      map: '',
      files: [],
      imported: new Set(),
      imports: new Map(),
      problems: problemsOf(result.errors, root, openDoors),
    };
  return { ...result, problems: problemsOf(errors, root, openDoors) };
}

async function attempt(
  files: readonly string[],
  root: string,
): Promise<Bundle | { readonly errors: readonly Message[] }> {
  const { build } = await import('esbuild');
  try {
    const { outputFiles, metafile } = await build(buildOptions(files, root));
    const [map, code] = outputFiles.map(({ text }) => text);
    const inputs = Object.values(metafile.inputs).flatMap((input) => input.imports);
    const counts = new Map<string, number>();
    for (const { path } of inputs) counts.set(path, (counts.get(path) ?? 0) + 1);
    // Our own entry imports each file once.
    const imported = files.filter((file) => (counts.get(relative(root, file)) ?? 0) > 1);
    return {
      code: code ?? '',
      map: absoluteSources(map ?? '{}', root),
      files,
      imported: new Set(imported),
      imports: importsIn(metafile, root),
      problems: [],
    };
  } catch (error) {
    if (isBuildFailure(error)) return { errors: error.errors };
    throw error;
  }
}

function importsIn({ inputs }: Metafile, root: string): Bundle['imports'] {
  const isFile = (path: string) => path !== ENTRY && !path.startsWith(`${DOOR_NAMESPACE}:`);
  const files = Object.entries(inputs).filter(([path]) => isFile(path));
  return new Map(
    files.map(([path, { imports }]) => [
      resolve(root, path),
      imports.flatMap((one) => (one.external !== true && isFile(one.path) ? [resolve(root, one.path)] : [])),
    ]),
  );
}

function buildOptions(
  files: readonly string[],
  root: string,
): BuildOptions & { write: false; metafile: true } {
  const lines = files.map((file) => `  ${JSON.stringify(file)}: () => import(${JSON.stringify(file)}),`);
  return {
    stdin: {
      contents: `export const load = {\n${lines.join('\n')}\n};\n`,
      resolveDir: root,
      sourcefile: ENTRY,
    },
    absWorkingDir: root,
    outfile: join(root, 'pipelines.mjs'),
    write: false,
    metafile: true,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Class names are the names of errors, which retries match.
    keepNames: true,
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'silent',
    // The last of two environments of one name would take the other's place without a word.
    logOverride: { 'duplicate-object-key': 'error' },
    plugins: [plugin],
  };
}

const plugin: Plugin = {
  name: 'tutti',
  setup(build) {
    build.onResolve({ filter: /^[^./]|lib\/(index|testing)(\.[jt]s)?$/ }, (args) =>
      resolveImport(build, args),
    );
    build.onLoad({ filter: /.*/, namespace: DOOR_NAMESPACE }, async ({ path }) => ({
      contents: await doorCode(path),
      loader: 'js',
    }));
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path }) => loadSource(path));
  },
};

async function resolveImport(build: PluginBuild, args: OnResolveArgs): Promise<object | undefined> {
  if (args.pluginData === OURS || args.kind === 'entry-point') return undefined;
  const door = doorOf(args);
  if (door !== undefined && isDoor(door)) return { path: door, namespace: DOOR_NAMESPACE };
  if (/^[./]/.test(args.path)) return undefined;
  if (isBuiltin(args.path)) return { path: args.path, external: true };
  const { importer, kind, resolveDir } = args;
  const found = await build.resolve(args.path, { importer, kind, resolveDir, pluginData: OURS });
  if (found.errors.length > 0) return { errors: [missingPackage(args.path)] };
  // By its place, so that the bundle may lie anywhere.
  return found.path.includes('node_modules')
    ? { path: pathToFileURL(found.path).href, external: true }
    : { path: found.path };
}

function doorOf({ path, resolveDir }: OnResolveArgs): string | undefined {
  if (!/^[./]/.test(path)) return path;
  const [, folder, name] =
    /^(.*)[\\/]lib[\\/](index|testing)(?:\.[jt]s)?$/.exec(resolve(resolveDir, path)) ?? [];
  if (folder === undefined || !isOurPackage(folder)) return undefined;
  return name === 'testing' ? 'tutti/testing' : 'tutti';
}

const ourPackages = new Map<string, boolean>();

function isOurPackage(folder: string): boolean {
  const known = ourPackages.get(folder);
  if (known !== undefined) return known;
  const file = join(folder, 'package.json');
  const ours = existsSync(file) && /"name"\s*:\s*"tutti"/.test(readFileSync(file, 'utf8'));
  ourPackages.set(folder, ours);
  return ours;
}

function missingPackage(path: string): PartialMessage {
  const name = path.startsWith('@') ? path.split('/').slice(0, 2).join('/') : path.split('/')[0];
  return {
    text: `Could not find the package "${path}"`,
    notes: [{ text: `install it: npm install ${name}` }],
  };
}

async function doorCode(name: string): Promise<string> {
  const door = await openDoor(name);
  openDoors[name] = door;
  Reflect.set(globalThis, OPEN_DOORS, openDoors);
  const names = Object.keys(door).filter((key) => key !== 'default');
  const found = `const door = globalThis[Symbol.for(${JSON.stringify(OPEN_DOORS.description)})][${JSON.stringify(name)}];`;
  return [found, ...names.map((key) => `export const ${key} = door.${key};`)].join('\n');
}

/** A file's text, with its own place where it asks for it: the bundle lies elsewhere. */
async function loadSource(path: string): Promise<{ contents: string; loader: Loader } | undefined> {
  const text = await readFile(path, 'utf8');
  if (!text.includes('import.meta.')) return { contents: text, loader: loaderOf(path) };
  const values: Readonly<Record<string, string>> = {
    url: pathToFileURL(path).href,
    filename: path,
    dirname: dirname(path),
  };
  const contents = text.replaceAll(/\bimport\.meta\.(url|filename|dirname)\b/g, (_, key: string) =>
    JSON.stringify(values[key]),
  );
  return { contents, loader: loaderOf(path) };
}

function loaderOf(path: string): Loader {
  const kind = extname(path).replace(/^\.[cm]?/, '');
  return kind === 'tsx' || kind === 'jsx' || kind === 'ts' ? kind : 'js';
}

/** The bundle runs from another folder than the one its sources are named from. */
function absoluteSources(map: string, root: string): string {
  const parsed: { readonly sources?: readonly string[] } = JSON.parse(map);
  return JSON.stringify({
    ...parsed,
    sources: parsed.sources?.map((source) => pathToFileURL(resolve(root, source)).href),
  });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
