/** Code of DAGs' functions: each pipeline file with what it imports, and this package's door outside of it. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type BuildFailure, buildSync, type Metafile } from 'esbuild';
import { DefinitionError } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';

export interface DagSource {
  readonly dag: DagNode;
  /** The file that exports it, absolute. */
  readonly file: string;
}

export interface DagCode {
  readonly code: string;
  /** Source map. */
  readonly map: string;
  /** The files it is made of, absolute; none of packages. */
  readonly files: readonly string[];
}

/** Name of the door beside the code of a DAG. */
export const RUNTIME = 'runtime.mjs';

/** As what it is imported until its name is written. */
const DOOR = 'tutti:runtime';

/** The door's source where this package's own pipelines import it. */
const OWN_DOOR = join(import.meta.dirname, '../../index.ts');

/**
 * Code by id of DAG, all in one call of esbuild. The same files give the same code wherever they lie, and what one DAG
 * is made of says nothing about another's.
 *
 * @throws {DefinitionError} when a file does not compile
 */
export function bundleDags(sources: readonly DagSource[], folder: string): ReadonlyMap<string, DagCode> {
  if (sources.length === 0) return new Map();
  // The CDK command names its output from the working directory; esbuild gives its own files absolute.
  const scratch = resolve(folder);
  mkdirSync(scratch, { recursive: true });
  try {
    const entries = sources.map((source, index) => {
      const file = join(scratch, `${index}.mjs`);
      writeFileSync(file, entryOf(source));
      return { in: file, out: String(index) };
    });
    const made = built(entries, scratch);
    return new Map(
      sources.map(({ dag }, index) => [
        dag.id,
        {
          code: named(part(made.texts, `${index}.js`), scratch),
          map: part(made.texts, `${index}.js.map`),
          files: part(made.files, `${index}.js`),
        },
      ]),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A DAG's among all that were made. */
export function codeOf(code: ReadonlyMap<string, DagCode>, { id }: DagNode): DagCode {
  return part(code, id);
}

function part<T>(made: ReadonlyMap<string, T>, name: string): T {
  const found = made.get(name);
  if (found === undefined) throw new Error(`unreachable: esbuild made nothing of ${name}`);
  return found;
}

/** What esbuild made, by name. */
interface Built {
  readonly texts: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, readonly string[]>;
}

function entryOf({ dag, file }: DagSource): string {
  return `import * as file from ${JSON.stringify(file)};
import { dagHandler } from ${JSON.stringify(DOOR)};
const values = Object.values(file).flatMap((value) => (typeof value === 'object' && value !== null ? [value, ...Object.values(value)] : []));
export const handler = dagHandler(values.find((value) => value?.id === ${JSON.stringify(dag.id)} && Array.isArray(value.tasks)));
`;
}

function built(
  entryPoints: readonly { readonly in: string; readonly out: string }[],
  scratch: string,
): Built {
  try {
    const { outputFiles, metafile } = buildSync({
      entryPoints: [...entryPoints],
      outdir: scratch,
      // By itself that of when esbuild was loaded.
      absWorkingDir: process.cwd(),
      write: false,
      metafile: true,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      mainFields: ['module', 'main'],
      alias: { tutti: DOOR },
      external: [DOOR, ...(existsSync(OWN_DOOR) ? [OWN_DOOR] : []), '@duckdb/node-api'],
      minify: true,
      // Class names are the names of errors, which retries match.
      keepNames: true,
      legalComments: 'none',
      sourcemap: 'linked',
      sourcesContent: false,
      banner: { js: REQUIRE },
      logLevel: 'silent',
    });
    return {
      texts: new Map(outputFiles.map(({ path, text }) => [path.slice(scratch.length + 1), text])),
      files: filesIn(metafile, scratch),
    };
  } catch (error) {
    throw isBuildFailure(error) ? notBuilt(error) : error;
  }
}

/** esbuild tells paths from the working directory. */
function filesIn({ outputs }: Metafile, scratch: string): Built['files'] {
  return new Map(
    Object.entries(outputs).map(([output, { inputs }]) => [
      resolve(output).slice(scratch.length + 1),
      Object.keys(inputs)
        .map((path) => resolve(path))
        .filter((path) => !path.startsWith(scratch) && !path.includes('node_modules')),
    ]),
  );
}

/** Bundled CommonJS packages call `require`, which an ES module does not have. */
const REQUIRE =
  "import{createRequire as _createRequire}from'node:module';const require=_createRequire(import.meta.url);";

/** The door's name where the code stands; imports by a relative path are told from the folder of the output. */
function named(code: string, scratch: string): string {
  const own = relative(scratch, OWN_DOOR).replaceAll('\\', '/');
  return [DOOR, OWN_DOOR, own]
    .reduce((text, door) => text.replaceAll(`from${JSON.stringify(door)}`, `from"./${RUNTIME}"`), code)
    .replace(/\/\/# sourceMappingURL=.*\n?$/, '//# sourceMappingURL=index.mjs.map\n');
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function notBuilt(failure: BuildFailure): DefinitionError {
  const problems = failure.errors.map(({ text, location }) => ({
    code: 'unloadable-file',
    path: location === null ? 'pipelines' : `${location.file}:${location.line}`,
    message: `must compile for its function, got: ${text}`,
    remedy: 'install what it imports, or correct it',
  }));
  return new DefinitionError(problems, { cause: failure });
}
