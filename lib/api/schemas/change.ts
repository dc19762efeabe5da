/** What changes of runs take and tell. */
import * as z from 'zod';
import { indexOf } from '../cursor.ts';
import { cut, KEPT_BYTES, PAGE_BYTES, pageOf } from '../fit.ts';
import { flag, instant, number, text } from './inputs.ts';
import { list, wasCut } from './words.ts';

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

/** Fields of what was changed of a run that both kinds of changes tell. */
export const telling = () => ({
  notes: list(z.string()).meta({ description: 'What is done beyond what was asked for, and why.' }),
  problem: z
    .strictObject({ code: z.string(), message: z.string() })
    .optional()
    .meta({ description: 'Why nothing of this run is changed.' }),
  cut: wasCut(),
});

/** What a reply has of notes and problem. */
export function told(run: {
  readonly notes: readonly string[];
  readonly problem?: { readonly code: string; readonly message: string };
}) {
  const { notes: all, problem: why } = run;
  return {
    notes: all.slice(0, 20).map((text) => cut(text, 400)),
    problem: why === undefined ? undefined : { code: why.code, message: cut(why.message, 600) },
  };
}

/** What of all runs a reply has: of the query. */
export interface Part {
  readonly dryRun?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** How much a reply has room for. */
export interface Room {
  readonly bytes: number;
  readonly dryRun: boolean;
}

/** A dry run tells everything, by pages; what was done is told shortly, and is in the audit. */
export function changedRuns<Run, View>(
  kind: string,
  runs: readonly Run[],
  { dryRun = false, limit, cursor }: Part,
  viewOf: (run: Run, room: Room) => View,
): { readonly runs: readonly View[]; readonly cursor: string | undefined } {
  const bytes = dryRun ? PAGE_BYTES : KEPT_BYTES;
  const views = runs.map((run) => viewOf(run, { bytes, dryRun }));
  const shown = pageOf(kind, views, { from: indexOf(kind, cursor), limit, bytes });
  return { runs: shown.items, cursor: shown.cursor };
}

/** What of a list is at most so long. */
export function cutList<T>(
  items: readonly T[],
  bytes: number,
): { readonly items: readonly T[]; readonly wasCut: boolean } {
  const shown = pageOf('', items, { from: 0, limit: items.length, bytes });
  return { items: shown.items, wasCut: shown.cursor !== undefined };
}
