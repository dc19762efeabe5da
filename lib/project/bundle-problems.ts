/** What a bundler says of files that do not compile, as problems. */
import { basename, resolve } from 'node:path';
import type { Message } from 'esbuild';
import type { Problem } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';

/** What doors export, by name. */
export type Doors = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Each mistake once, also where several files import what is broken. */
export function problemsOf(errors: readonly Message[], root: string, doors: Doors): readonly Problem[] {
  const byPlace = new Map<string, Problem>();
  for (const error of errors) {
    const problem = problemOf(error, root, doors);
    byPlace.set(JSON.stringify([problem.at, problem.message]), problem);
  }
  return [...byPlace.values()];
}

function problemOf(error: Message, root: string, doors: Doors): Problem {
  const { location } = error;
  const file = fileOf(error, root);
  const note = error.notes[0]?.text;
  return {
    code: 'unloadable-file',
    path: location?.file ?? basename(root),
    ...(missingExport(error.text, doors) ??
      twice(error.text) ?? {
        message: `must compile, got: ${error.text}`,
        remedy: note ?? remedyFor(error.text),
      }),
    ...(location === null
      ? {}
      : { at: { file, line: location.line, column: columnOf(location.lineText, location.column) } }),
  };
}

function remedyFor(text: string): string {
  if (text.startsWith('Could not resolve')) return 'is the file there? its path is relative to this one';
  return 'correct it here; other files are not affected';
}

function missingExport(text: string, doors: Doors): Pick<Problem, 'message' | 'remedy'> | undefined {
  const [, door = '', name = ''] =
    /^No matching export in "tutti-door:([^"]+)" for import "([^"]+)"/.exec(text) ?? [];
  const exported = doors[door];
  if (exported === undefined) return undefined;
  const near = nearest(name, Object.keys(exported));
  return {
    message: `must import what "${door}" exports, got "${name}"`,
    remedy: near === undefined ? `an editor lists what "${door}" has` : `did you mean "${near}"?`,
  };
}

function twice(text: string): Pick<Problem, 'message' | 'remedy'> | undefined {
  const [, name] = /^Duplicate key "(.*)" in object literal/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return {
    message: `must have each name once in an object, got "${name}" twice`,
    remedy: 'rename one of the two, or take it out',
  };
}

export function fileOf(error: Message, root: string): string {
  return error.location === null ? '' : resolve(root, error.location.file);
}

/** esbuild counts bytes from 0. */
function columnOf(line: string, bytes: number): number {
  return Buffer.from(line).subarray(0, bytes).toString().length + 1;
}
