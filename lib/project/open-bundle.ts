import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DefinitionError, type Problem } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { type Bundle, bundle } from './bundle.ts';
import { type SourcePlaces, sourcePlaces } from './source-places.ts';

/** A bundle whose files can be evaluated, one by one. */
export interface OpenBundle {
  /** Evaluates a file, once: its exports, or what it threw as problems. */
  load(file: string): Promise<LoadedFile>;
  readonly places: SourcePlaces;
}

export interface LoadedFile {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/**
 * Makes a bundle's code ready to run. Stack traces name the author's files from here on. Where a package
 * that one file imports fails, so does the bundle as a whole: then each file is bundled by itself.
 */
export async function openBundle(made: Bundle, root: string, places = sourcePlaces()): Promise<OpenBundle> {
  try {
    const loaders = await run(made, root, places);
    return { places, load: (file) => evaluate({ loaders, file, root, places }) };
  } catch (error) {
    const load = async (file: string): Promise<LoadedFile> => {
      if (made.files.length === 1) return { exports: {}, problems: [thrown(error, { file, root, places })] };
      const alone = await openBundle(await bundle([file], root), root, places);
      return alone.load(file);
    };
    return { places, load };
  }
}

/** Imports a bundle and gives its functions by file. */
async function run(made: Bundle, root: string, places: SourcePlaces): Promise<unknown> {
  const { code, map } = made;
  const folder = await cacheFolder(root);
  const bundleFile = join(folder, 'pipelines.mjs');
  places.add(bundleFile, made);
  process.setSourceMapsEnabled(true);
  try {
    const inlined = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
    await writeFile(bundleFile, `${code}\n//# sourceMappingURL=${inlined}\n`);
    const module: { readonly load?: unknown } = await importAsIs(folder, bundleFile);
    return module.load;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Imports a file without whatever transforms the code of this one, as a test runner does. */
async function importAsIs(folder: string, file: string): Promise<object> {
  const opener = join(folder, 'open.cjs');
  await writeFile(opener, 'module.exports = (url) => import(url);\n');
  const open: (url: string) => Promise<object> = createRequire(opener)(opener);
  return open(pathToFileURL(file).href);
}

/** Below `.tutti`, or the system's folder where a project cannot be written to: the place means nothing to the code. */
async function cacheFolder(root: string): Promise<string> {
  const parent = join(root, '.tutti', 'cache');
  try {
    await mkdir(parent, { recursive: true });
    return await mkdtemp(join(parent, 'load-'));
  } catch {
    return mkdtemp(join(tmpdir(), 'tutti-load-'));
  }
}

interface Evaluation {
  readonly loaders: unknown;
  readonly file: string;
  readonly root: string;
  readonly places: SourcePlaces;
}

async function evaluate({ loaders, file, root, places }: Evaluation): Promise<LoadedFile> {
  const loader: unknown = isRecord(loaders) ? loaders[file] : undefined;
  if (typeof loader !== 'function') return { exports: {}, problems: [] };
  try {
    const exports: unknown = await loader();
    return { exports: isRecord(exports) ? exports : {}, problems: [] };
  } catch (error) {
    if (error instanceof DefinitionError)
      return { exports: {}, problems: error.problems.map(places.locateProblem) };
    return { exports: {}, problems: [thrown(error, { file, root, places })] };
  }
}

function thrown(error: unknown, { file, root, places }: Omit<Evaluation, 'loaders'>): Problem {
  return {
    code: 'unloadable-file',
    path: relative(root, file),
    message: `must load without an error, got ${textOf(error)}`,
    remedy: 'move what can fail into a task: a file is loaded at every command',
    at: places.thrownAt(error) ?? { file, line: 1, column: 1 },
  };
}

function textOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : `${error.name}: ${error.message}`;
  return `a thrown ${typeof error === 'string' ? JSON.stringify(error) : String(error)}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) || (typeof value === 'object' && value !== null);
}
