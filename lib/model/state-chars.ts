/** States of task runs as characters, so that a grid of a hundred runs is one small text each (`semantics.md` 1). */

/** By state. `-` is none: not decided, or absent in that version. */
const CHARS = {
  none: '-',
  scheduled: 'd',
  queued: 'q',
  running: 'r',
  waiting: 'w',
  up_for_retry: 't',
  success: 's',
  failed: 'f',
  skipped: 'k',
  upstream_failed: 'u',
  cancelled: 'c',
  removed: 'x',
} as const;

export type CellState = keyof typeof CHARS;

/** From not decided to gone, in this order. */
export const CELL_STATES = Object.keys(CHARS) as readonly CellState[];

const ENDED: ReadonlySet<string> = new Set<CellState>([
  'success',
  'failed',
  'skipped',
  'upstream_failed',
  'cancelled',
  'removed',
]);

/** True for a state that changes no more in its attempt. */
export function isEnded(state: CellState): boolean {
  return ENDED.has(state);
}

const STATES: ReadonlyMap<string, CellState> = new Map(
  Object.entries(CHARS).map(([state, char]) => [char, state as CellState]),
);

/** `success` → `s`. */
export function charOf(state: CellState): string {
  return CHARS[state];
}

/** `s` → `success`; a character that means nothing is `none`. */
export function stateOfChar(char: string): CellState {
  return STATES.get(char) ?? 'none';
}
