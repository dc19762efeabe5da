/** What changes of runs take and tell. */
import * as z from 'zod';
import { pageOf } from '../fit.ts';
import { flag, instant, number, text } from './inputs.ts';
import { list } from './words.ts';

/** Fields of the query of a change that lists what it does. */
export const changing = () => ({
  dryRun: flag('Only lists what would be done.'),
  limit: number({ min: 1, max: 10_000 }).default(1_000).meta({ description: 'Most runs of a reply.' }),
  cursor: text(2_000, 'Of the dry run before.'),
});

/** Runs of logical dates. */
export const inRange = () => ({ from: instant('First logical date.'), to: instant('Last one.') });

export const chosen = () =>
  z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(10_000)
    .readonly()
    .meta({ description: '`load`, `load+` with everything below, `+load` with everything above.' });

export const notes = () =>
  list(z.string()).meta({
    description: 'What is done beyond what was asked for, and why.',
  });

export const problem = () =>
  z
    .strictObject({ code: z.string(), message: z.string() })
    .optional()
    .meta({ description: 'Why nothing of this run is changed.' });

/** What of a list is at most so long. */
export function cutList<T>(
  items: readonly T[],
  bytes: number,
): { readonly items: readonly T[]; readonly wasCut: boolean } {
  const shown = pageOf('', items, { from: 0, limit: items.length, bytes });
  return { items: shown.items, wasCut: shown.cursor !== undefined };
}
