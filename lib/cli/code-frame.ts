import type { SourceLocation } from '../base/errors.ts';

/** Columns of a code line that are printed; longer lines are cut around the place. */
const MAX_WIDTH = 100;

/** Characters that take two columns. @see https://www.unicode.org/reports/tr11/ */
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/**
 * The line of a place with a caret below it, and up to two lines before and one after, unless that is blank.
 * Tabs become two spaces, control characters a middle dot, long lines are cut, so that the caret
 * always points at its character. `''` where the file has no such line.
 */
export function codeFrame(source: string, at: Pick<SourceLocation, 'line' | 'column'>): string {
  const lines = source.split(/\r?\n/);
  const target = lines[at.line - 1];
  if (target === undefined) return '';
  const first = Math.max(1, at.line - 2);
  // A file's last line is empty where it ends with a line end: nothing to show.
  const last = lines[at.line]?.trim() === '' ? at.line : at.line + 1;
  const shown = lines.slice(first - 1, last);
  const digits = String(first + shown.length - 1).length;
  const cut = cutFor(target, at.column);
  const frame = shown.flatMap((line, offset) => {
    const number = first + offset;
    const text = visible(line.slice(cut, cut + MAX_WIDTH));
    const numbered =
      `${number === at.line ? '>' : ' '} ${String(number).padStart(digits)} | ${text}`.trimEnd();
    return number === at.line
      ? [numbered, `  ${' '.repeat(digits)} | ${caretBelow(target, at.column, cut)}`]
      : [numbered];
  });
  return frame.join('\n');
}

/** How many characters to leave out at the left. */
function cutFor(line: string, column: number): number {
  return column <= MAX_WIDTH - 10
    ? 0
    : Math.max(0, Math.min(column - MAX_WIDTH / 2, line.length - MAX_WIDTH / 2));
}

function caretBelow(line: string, column: number, cut: number): string {
  const before = line.slice(cut, Math.max(cut, Math.min(column - 1, line.length)));
  return `${' '.repeat(widthOf(visible(before)))}^`;
}

function visible(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(/\p{Cc}/gu, '·');
}

/** Columns a text takes on a terminal: wide characters take two, joiners and combining marks none. */
function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += WIDE.test(segment) ? 2 : 1;
  }
  return width;
}
