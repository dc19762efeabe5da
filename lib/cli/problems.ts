import { relative } from 'node:path';
import { stripVTControlCharacters, styleText } from 'node:util';
import type { Problem, SourceLocation } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { codeFrame } from './code-frame.ts';

export interface RenderOptions {
  /** Whether to colour: decided by the caller (`NO_COLOR`, a terminal or not). */
  readonly color: boolean;
  /** Files are named relative to it. */
  readonly root: string;
  /** Text of a file, `undefined` where there is none: then no code is shown. */
  readonly readFile: (file: string) => string | undefined;
}

/**
 * Problems for a person, errors first, each as a block, a blank line between:
 *
 * ```
 * error cycle  dag "sales"
 *   tasks must not wait for each other, got a → b → a
 *   → remove one of these edges, such as b → a
 *   at pipelines/sales.ts:12:5
 *   (code frame)
 * ```
 */
export function renderProblems(problems: readonly Problem[], options: RenderOptions): string {
  return inOrder(problems)
    .map((problem) => block(problem, options))
    .join('\n\n');
}

/** `2 errors, 1 warning`; `no mistakes` for none. */
export function countProblems(problems: readonly Problem[]): string {
  const warnings = problems.filter(({ severity }) => severity === 'warning').length;
  const errors = problems.length - warnings;
  const words = [counted(errors, 'error'), counted(warnings, 'warning')].filter((word) => word !== '');
  return words.length === 0 ? 'no mistakes' : words.join(', ');
}

/** Problems as `--json` prints them: every field, `severity` spelled out, files relative to `root`. */
export function problemsJson(problems: readonly Problem[], root: string): readonly JsonObject[] {
  return inOrder(problems).map((problem) => ({
    severity: problem.severity ?? 'error',
    code: problem.code,
    path: problem.path,
    message: problem.message,
    ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }),
    ...(problem.at === undefined ? {} : { at: placeJson(problem.at, root) }),
    ...(problem.related === undefined || problem.related.length === 0
      ? {}
      : { related: problem.related.map(({ note, at }) => ({ note, at: placeJson(at, root) })) }),
  }));
}

/** Errors before warnings; otherwise as told. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((one, other) => rank(one) - rank(other));
}

function rank(problem: Problem): number {
  return problem.severity === 'warning' ? 1 : 0;
}

function block(problem: Problem, options: RenderOptions): string {
  const warning = problem.severity === 'warning';
  const word = paint(options, warning ? 'yellow' : 'red', warning ? 'warning' : 'error');
  return [
    `${word} ${paint(options, 'bold', problem.code)}  ${clean(problem.path)}`,
    ...indented(clean(problem.message)),
    ...(problem.remedy === undefined
      ? []
      : indented(`→ ${clean(problem.remedy)}`).map((line) => paint(options, 'green', line))),
    ...placeLines('at', problem.at, options),
    ...(problem.related ?? []).flatMap(({ note, at }) => placeLines(clean(note), at, options)),
  ].join('\n');
}

function placeLines(note: string, at: SourceLocation | undefined, options: RenderOptions): readonly string[] {
  if (at === undefined) return [];
  const where = `  ${note} ${paint(options, 'cyan', `${fileName(at.file, options.root)}:${at.line}:${at.column}`)}`;
  const frame = codeFrame(options.readFile(at.file) ?? '', at);
  return frame.trim() === ''
    ? [where]
    : [
        where,
        ...frame
          .split('\n')
          .map((line) => paint(options, line.startsWith('>') ? 'reset' : 'dim', `  ${line}`)),
      ];
}

function placeJson(at: SourceLocation, root: string): JsonObject {
  return { file: fileName(at.file, root), line: at.line, column: at.column };
}

function fileName(file: string, root: string): string {
  const name = relative(root, file).replaceAll('\\', '/');
  return name.startsWith('..') || name === '' ? file : name;
}

function indented(text: string): readonly string[] {
  return text.split('\n').map((line) => `  ${line}`);
}

/** Text of an author on a terminal: no escape sequences, no control characters but line ends. */
function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n]/gu, '·');
}

function counted(count: number, noun: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

function paint({ color }: RenderOptions, style: Parameters<typeof styleText>[0], text: string): string {
  return color ? styleText(style, text, { validateStream: false }) : text;
}
