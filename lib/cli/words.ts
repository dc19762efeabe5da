/** `340ms`, `4.2s`, `1m 05s`, `2h 03m`: a length of time in a column of eight characters. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${pad(whole % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
}

/** `1 task`, `2 tasks`, `no tasks`. */
export function count(amount: number, noun: string): string {
  if (amount === 0) return `no ${noun}s`;
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;
}

/** At most `width` characters, the last an ellipsis where some are missing. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** {@link clip} for a text with colours: they cost no width and are closed at the cut. */
export function clipColored(text: string, width: number): string {
  if (visible(text).length <= width) return text;
  let left = width - 1;
  let kept = '';
  for (const part of text.split(COLOR)) {
    if (part.startsWith(ESCAPE)) kept += part;
    else {
      kept += part.slice(0, left);
      left = Math.max(0, left - part.length);
    }
  }
  return `${kept}…`;
}

/** Rows of cells as lines of left-aligned columns, two spaces between them. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries())
      widths[index] = Math.max(widths[index] ?? 0, visible(cell).length);
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - visible(cell).length)))
      .join('  ')
      .trimEnd(),
  );
}

/** The text without the codes that colour it. */
export function visible(text: string): string {
  return text.replaceAll(COLOR, '');
}

const ESCAPE = '\u001b';
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what begins a colour
const COLOR = /(\u001b\[[0-9;]*m)/g;

function pad(amount: number): string {
  return String(amount).padStart(2, '0');
}
