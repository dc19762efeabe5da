/** Checks for a person at a terminal. */
import type { Check } from '../../aws/operate/checks.ts';
import type { Terminal } from '../terminal.ts';

const SIGNS = { ok: '✓', warning: '!', failed: '✕' } as const;
const COLOURS = { ok: 'green', warning: 'yellow', failed: 'red' } as const;

/** A line each, and one with the remedy of what is not well. */
export function checkLines({ paint }: Pick<Terminal, 'paint'>, checks: readonly Check[]): readonly string[] {
  return checks.flatMap(({ name, state, text, remedy }) => [
    `${paint(COLOURS[state], SIGNS[state])} ${name}: ${text}`,
    ...(state === 'ok' || remedy === undefined ? [] : [`    ${remedy}`]),
  ]);
}
