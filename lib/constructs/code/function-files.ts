/** What functions consist of: this package's own bundles, code of DAGs, native code, and a file that says where they are. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { RefusedError } from '../../base/errors.ts';
import { CORE_FILE, type CoreFile, DAG_FILE, type DagFile } from '../../deployment/files.ts';
import type { VersionParts } from '../../model/manifest.ts';
import type { FunctionFiles } from './assets.ts';
import type { DagCode } from './bundle.ts';
import { type Packed, packed } from './zip.ts';

/** Unzipped. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MOST_BYTES = 250 * 1024 * 1024;

interface File extends Packed {
  readonly hash: string;
}

/** Files that are the same for many functions, read and packed once. */
const folders = new Map<string, ReadonlyMap<string, File>>();

/** Core's functions, all in one archive. */
export function coreFiles(file: CoreFile): FunctionFiles {
  const own = lambdasFolder('core');
  return filesOf(new Map([...own, [CORE_FILE, fileOf(Buffer.from(JSON.stringify(file)))]]));
}

/** What is beside a DAG's own code. */
export interface Beside {
  /** Folders of packages with native code. */
  readonly native: readonly string[];
  /** Files of the project, by their place in the archive. */
  readonly included: ReadonlyMap<string, string>;
}

/** Files of a DAG's function, with hashes of what they are by itself. */
export interface DagFiles extends FunctionFiles {
  readonly parts: Pick<VersionParts, 'code' | 'runtime' | 'connections'>;
}

/** A DAG's function. */
export function dagFiles({ code, map }: DagCode, file: DagFile, { native, included }: Beside): DagFiles {
  const own = new Map([
    ...[...included].map(([path, from]) => [path, fileAt(from)] as const),
    ['index.mjs', fileOf(Buffer.from(code))],
    ['index.mjs.map', fileOf(Buffer.from(map))],
  ]);
  const ours = lambdasFolder('dag');
  const bound = new Map([[DAG_FILE, fileOf(Buffer.from(JSON.stringify(file)))]]);
  const packages = native.flatMap((folder) => packageFiles(folder));
  return {
    ...filesOf(new Map([...own, ...ours, ...bound, ...packages])),
    parts: {
      code: hashOf(own).slice(0, 16),
      runtime: hashOf(new Map([...ours, ...packages])).slice(0, 16),
      connections: hashOf(bound).slice(0, 16),
    },
  };
}

/** Bytes of all files, unzipped. */
export function bytesOf({ files }: FunctionFiles): number {
  return [...files.values()].reduce((sum, { size }) => sum + size, 0);
}

function filesOf(files: ReadonlyMap<string, File>): FunctionFiles {
  return { hash: hashOf(files), files };
}

/** Source maps tell places to people: they are there, and change nothing that runs. */
function hashOf(files: ReadonlyMap<string, File>): string {
  const hash = createHash('sha256');
  for (const [path, file] of files) if (!path.endsWith('.map')) hash.update(`${path}\n${file.hash}\n`);
  return hash.digest('hex');
}

/** `dist/lambdas/core`, `dist/lambdas/dag`. */
function lambdasFolder(name: 'core' | 'dag'): ReadonlyMap<string, File> {
  const root = dirname(findPackageJSON(import.meta.url) ?? import.meta.dirname);
  const folder = join(root, 'dist', 'lambdas', name);
  const found = existsSync(folder) ? filesIn(folder, '') : new Map();
  if (found.size > 0) return found;
  throw new RefusedError(
    'not-built',
    `tutti › ${join('dist', 'lambdas', name)}: must hold the code of functions, got nothing; run npm run build in ${root}`,
  );
}

function packageFiles(folder: string): readonly (readonly [string, File])[] {
  const name = folder.replaceAll('\\', '/').replace(/^.*\/node_modules\//, '');
  return [...filesIn(folder, `node_modules/${name}/`)].filter(([path]) => !FOR_PEOPLE.test(path));
}

/** What nothing reads that runs. */
const FOR_PEOPLE = /\.d\.ts$|README\.md$/;

/** All files below a folder, by path, in alphabetical order. */
function filesIn(folder: string, prefix: string): ReadonlyMap<string, File> {
  const key = `${folder}\n${prefix}`;
  const known = folders.get(key);
  if (known !== undefined) return known;
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  const found = new Map(
    paths.map((path) => [`${prefix}${path.replaceAll('\\', '/')}`, fileOf(readFileSync(join(folder, path)))]),
  );
  folders.set(key, found);
  return found;
}

/** Packed once for all that have it, as long as it stays what it is. */
const alone = new Map<string, File>();

function fileAt(path: string): File {
  const { mtimeMs, size } = statSync(path);
  const key = `${path}\n${mtimeMs}\n${size}`;
  const found = alone.get(key) ?? fileOf(readFileSync(path));
  alone.set(key, found);
  return found;
}

function fileOf(content: Buffer): File {
  return { ...packed(content), hash: createHash('sha256').update(content).digest('hex') };
}
