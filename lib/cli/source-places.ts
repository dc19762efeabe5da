import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Problem, SourceLocation } from '../base/errors.ts';

/** Says of places in bundles where the author wrote them. */
export interface SourcePlaces {
  /** Makes a bundle known by its file and its source map, which is read when its first place is asked for. */
  add(bundleFile: string, map: string): void;
  /** The author's place of a place in a bundle; any other place as it is. */
  locate(at: SourceLocation): SourceLocation;
  /** A problem with all its places in the author's files. */
  locateProblem(problem: Problem): Problem;
  /** Where an error was thrown: the innermost place of its stack that is in a bundled file. */
  thrownAt(error: unknown): SourceLocation | undefined;
}

/** Knows no bundle yet. */
export function sourcePlaces(): SourcePlaces {
  const unread = new Map<string, string>();
  const maps = new Map<string, SourceMap>();
  const mapOf = (file: string): SourceMap | undefined => {
    const text = unread.get(file);
    if (text !== undefined) maps.set(file, new SourceMap(JSON.parse(text)));
    unread.delete(file);
    return maps.get(file);
  };
  const locate = (at: SourceLocation): SourceLocation => {
    const entry = mapOf(pathOf(at.file))?.findEntry(at.line - 1, at.column - 1);
    if (entry === undefined || !('originalSource' in entry)) return at;
    const { originalSource, originalLine, originalColumn } = entry;
    return { file: pathOf(originalSource), line: originalLine + 1, column: originalColumn + 1 };
  };
  const authors = (): ReadonlySet<string> => {
    const known = [...unread.keys(), ...maps.keys()].flatMap((file) => mapOf(file)?.payload.sources ?? []);
    return new Set(known.map(pathOf));
  };
  return {
    add: (bundleFile, map) => unread.set(bundleFile, map),
    locate,
    locateProblem: (problem) => ({
      ...problem,
      ...(problem.at === undefined ? {} : { at: locate(problem.at) }),
      ...(problem.related === undefined
        ? {}
        : { related: problem.related.map((related) => ({ ...related, at: locate(related.at) })) }),
    }),
    thrownAt: (error) => {
      const files = authors();
      return framesOf(error)
        .map(locate)
        .find(({ file }) => files.has(file));
    },
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

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file.replace(/^async /, '');
}
