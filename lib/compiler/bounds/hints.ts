/** What the states of a definition do not tell of themselves. */

export interface Hints {
  /** Longest the run may take, seconds. */
  readonly runSeconds: number;
  /** Of the state of that name. */
  readonly of: (state: string) => Hint;
}

export interface Hint {
  /** Of a Map over a list known only at run time: its most items. @default 40 inline, 1 million distributed */
  readonly items?: number;
  /** How many it is expected to have. @default 1 */
  readonly expectedItems?: number;
  /** Of a state on a cycle: how often it is entered at most; the others there once more. @default no bound */
  readonly rounds?: number;
  /** Of a Task that looks again and again: after how many seconds it gives up. @default the run's */
  readonly pollSeconds?: number;
}

export const NO_HINT: Hint = {};
