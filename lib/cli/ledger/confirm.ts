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
 * @throws {RefusedError} `needs-yes`, `not-confirmed`, `interrupted`; nothing was changed
 */
export async function confirm({ terminal }: Context, { command, what, yes }: Confirmation): Promise<void> {
  if (yes === true) return;
  if (!terminal.live || process.stdin.isTTY !== true) {
    throw new RefusedError(
      'needs-yes',
      `tutti ${command} › --yes: must be given where nobody can be asked, to ${what}; look first with --dry-run`,
    );
  }
  const answer = await answerTo(`${what}? [y/N] `);
  if (answer !== undefined && /^\s*y(es)?\s*$/i.test(answer)) return;
  const code = answer === undefined ? 'interrupted' : 'not-confirmed';
  throw new RefusedError(code, `tutti ${command} › not confirmed: nothing was changed`);
}

/** What a person types; `undefined` where it is Ctrl-C, or Ctrl-D, after which nothing more can be typed. */
export async function answerTo(
  question: string,
  streams: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream } = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<string | undefined> {
  const lines = createInterface({ ...streams, terminal: true });
  const closed = Promise.withResolvers<undefined>();
  lines.once('close', () => closed.resolve(undefined));
  try {
    const answer = await Promise.race([lines.question(question), closed.promise]);
    if (answer === undefined) streams.output.write('\n');
    return answer;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
    streams.output.write('\n');
    return undefined;
  } finally {
    lines.close();
  }
}
