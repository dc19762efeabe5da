/** Where two observations of one scenario differ. */
import type { Observation } from './drive.ts';

/** One difference: the member it is in, and the two sides of it. */
export interface Difference {
  readonly part: keyof Observation;
  readonly expected: string;
  readonly got: string;
}

/** Every member that differs, each at its first differing line. */
export function differences(expected: Observation, got: Observation): readonly Difference[] {
  const parts = Object.keys(expected) as (keyof Observation)[];
  return parts.flatMap((part) => {
    const mine = textLines(expected[part]);
    const theirs = textLines(got[part]);
    const at = mine.findIndex((line, index) => line !== theirs[index]);
    if (at < 0 && mine.length === theirs.length) return [];
    const line = at < 0 ? mine.length : at;
    return [{ part, expected: around(mine, line), got: around(theirs, line) }];
  });
}

function textLines(value: unknown): readonly string[] {
  return JSON.stringify(value, null, 1).split('\n');
}

/** A line and the one after it. */
function around(lines: readonly string[], line: number): string {
  return lines
    .slice(line, line + 2)
    .map((text) => text.trim())
    .join(' ');
}
