import { createInterface } from 'node:readline/promises';
import { RefusedError } from '../../base/errors.ts';
import type { Context } from '../program.ts';

export interface Confirmation {
  /** The command: `clear`. */
  readonly command: string;
  /** `clear 3 runs of "sales"`. */
  readonly what: string;
  /** `--yes` was given. */
  readonly yes: boolean | undefined;
}

/**
 * The one rule of what asks: whatever ends or rewrites what is there (cancel, mark), and whatever is about more than one
 * run (clear, backfill). A person at a terminal is asked; everybody else says `--yes`.
 *
 * @throws {RefusedError} `needs-yes`, `not-confirmed`; nothing was changed
 */
export async function confirm({ terminal }: Context, { command, what, yes }: Confirmation): Promise<void> {
  if (yes === true) return;
  if (!terminal.live || process.stdin.isTTY !== true) {
    throw new RefusedError(
      'needs-yes',
      `tutti ${command} › --yes: must be given where nobody can be asked, to ${what}; look first with --dry-run`,
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${what}? [y/N] `);
    if (/^\s*y(es)?\s*$/i.test(answer)) return;
  } finally {
    lines.close();
  }
  throw new RefusedError('not-confirmed', `tutti ${command} › not confirmed: nothing was changed`);
}
