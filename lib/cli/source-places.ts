import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Problem, SourceLocation } from '../base/errors.ts';

/** Says of places in a bundle where the author wrote them. */
export interface SourcePlaces {
  /** The author's place of a place in the bundle; any other place as it is. */
  locate(at: SourceLocation): SourceLocation;
  /** A problem with all its places in the author's files. */
  locateProblem(problem: Problem): Problem;
  /** The author's place where an error was thrown: the first of its stack that is no package's. */
  thrownAt(error: unknown): SourceLocation | undefined;
}

/** Reads the source map when the first place is asked for: most loads ask for none. */
export function sourcePlaces(bundleFile: string, map: string, root: string): SourcePlaces {
  let decoded: SourceMap | undefined;
  const locate = (at: SourceLocation): SourceLocation => {
    if (pathOf(at.file) !== bundleFile) return at;
    decoded ??= new SourceMap(JSON.parse(map));
    const entry = decoded.findEntry(at.line - 1, at.column - 1);
    if (!('originalSource' in entry)) return at;
    return {
      file: pathOf(entry.originalSource),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  };
  return {
    locate,
    locateProblem: (problem) => ({
      ...problem,
      ...(problem.at === undefined ? {} : { at: locate(problem.at) }),
      ...(problem.related === undefined
        ? {}
        : { related: problem.related.map((related) => ({ ...related, at: locate(related.at) })) }),
    }),
    thrownAt: (error) =>
      framesOf(error)
        .map(locate)
        .find(({ file }) => file !== bundleFile && isAuthors(file, root)),
  };
}

/** Places of an error's stack, innermost first. */
function framesOf(error: unknown): readonly SourceLocation[] {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return [];
  return error.stack.split('\n').flatMap((line) => {
    const [, file, row, column] =
      /^\s+at (?:.*\()?((?:file:\/\/)?\/?[^()]+):(\d+):(\d+)\)?$/.exec(line) ?? [];
    return file === undefined ? [] : [{ file: pathOf(file), line: Number(row), column: Number(column) }];
  });
}

function isAuthors(file: string, root: string): boolean {
  return file.startsWith(root) && !file.includes('node_modules');
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file.replace(/^async /, '');
}
