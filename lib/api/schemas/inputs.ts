/** What requests carry in their path and query: all of it is text, read by these. */
import * as z from 'zod';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const CONTROL = /[\u0000-\u001f\u007f]/;
const id = (what: string, max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !CONTROL.test(text), 'must have no control characters')
    .meta({ description: what });

/** Fields of paths by name. */
export const PATH = {
  dagId: () => id('The DAG.', 200),
  runId: () => id('The run: `2026-01-05T01:00:00Z`, or with `~<ulid>` where it is not of an interval.', 200),
  task: () => id('The task.', 300),
  version: () => id("Hash of the version's manifest.", 100),
  backfillId: () => id('The backfill.', 300),
  try: () => number({ min: 1, max: 100_000 }).meta({ description: 'Number of the try, from 1.' }),
} as const;

/** A whole number. */
export function number({ min, max }: { readonly min: number; readonly max: number }) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );
}

const FLAGS: ReadonlyMap<unknown, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['', true],
  ['0', false],
  ['false', false],
]);

/** `1`, `true` or nothing; `0` or `false`. */
export function flag(description: string) {
  return z
    .preprocess((value) => FLAGS.get(value) ?? value, z.boolean())
    .optional()
    .meta({ description });
}

/** Several of some words, with commas between them. */
export function several<const T extends readonly [string, ...string[]]>(words: T, description: string) {
  return z
    .preprocess(
      (value) => (typeof value === 'string' ? value.split(',') : value),
      z.array(z.enum(words)).min(1).max(words.length).readonly(),
    )
    .optional()
    .meta({ description });
}

/** Some text of bounded length. */
export function text(max: number, description: string) {
  return id(description, max).optional();
}

/** Most items of one reply. */
export const MAX_LIMIT = 500;

/** How lists are paged. */
export const paged = () => ({
  limit: number({ min: 1, max: MAX_LIMIT })
    .default(100)
    .meta({ description: 'Most items; fewer come where they are large.' }),
  cursor: text(2_000, 'Of the reply before: gives what follows.'),
});

const INSTANT = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/** A day of UTC or an instant with its zone; read as an instant, ISO 8601. */
export function instant(description: string) {
  return z
    .string()
    .max(40)
    .refine(isInstant, 'must be a day or an instant with its zone, such as 2026-08-22T02:00:00Z')
    .meta({ description, examples: ['2026-08-22T02:00:00Z'] });
}

/** A day of the calendar: 2026-02-30 is none. */
function isInstant(text: string): boolean {
  if (!INSTANT.test(text) || Number.isNaN(Date.parse(text))) return false;
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
