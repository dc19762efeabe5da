import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Problem, SourceLocation } from '../base/errors.ts';
import type { Bundle } from './bundle.ts';

/** Says of places in bundles where the author wrote them. */
export interface SourcePlaces {
  /** Makes a bundle known by its file and its source map, which is read when its first place is asked for. */
  add(bundleFile: string, made: Pick<Bundle, 'code' | 'map'>): void;
  /**
   * Where in a bundle the text of a function is. Of several, the one that the author wrote in the file of `near` and
   * closest to it.
   */
  find(text: string, near?: SourceLocation): SourceLocation | undefined;
  /** The author's place of a place in a bundle; any other place as it is. */
  locate(at: SourceLocation): SourceLocation;
  /** A problem with all its places in the author's files. */
  locateProblem(problem: Problem): Problem;
  /** Where an error was thrown: the innermost place of its stack that is in a bundled file. */
  thrownAt(error: unknown): SourceLocation | undefined;
}

/** One place, in a bundle and as the author wrote it. */
interface Place {
  readonly at: SourceLocation;
  readonly author: SourceLocation;
}

/** Knows no bundle yet. */
export function sourcePlaces(): SourcePlaces {
  const unread = new Map<string, string>();
  const maps = new Map<string, SourceMap>();
  const codes = new Map<string, string>();
  const found = new Map<
    string,
    readonly { readonly at: SourceLocation; readonly author: SourceLocation }[]
  >();
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
    add: (bundleFile, { code, map }) => {
      unread.set(bundleFile, map);
      codes.set(bundleFile, code);
    },
    find: (text, near) => {
      const known = found.get(text) ?? occurrences(codes, text).map((at) => ({ at, author: locate(at) }));
      if (!found.has(text)) found.set(text, known);
      const distance = ({ author: { file, line } }: Place) =>
        file === near?.file ? Math.abs(line - near.line) : Number.POSITIVE_INFINITY;
      let best = known[0];
      for (const each of known) if (best && distance(each) < distance(best)) best = each;
      return best?.at;
    },
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

/** A text in the code of bundles, where it is a function of its own and not part of a longer expression. */
function occurrences(codes: ReadonlyMap<string, string>, text: string): readonly SourceLocation[] {
  const found: SourceLocation[] = [];
  for (const [file, code] of codes) {
    let line = 1;
    let lineStart = 0;
    for (let at = code.indexOf(text); at !== -1; at = code.indexOf(text, at + 1)) {
      if (!ENDS_EXPRESSION.test(code.slice(at + text.length, at + text.length + 8))) continue;
      for (
        let end = code.indexOf('\n', lineStart);
        end !== -1 && end < at;
        end = code.indexOf('\n', lineStart)
      ) {
        line += 1;
        lineStart = end + 1;
      }
      found.push({ file, line, column: at - lineStart + 1 });
    }
  }
  return found;
}

const ENDS_EXPRESSION = /^ *(?:[,;)\]}\n]|$)/;

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
