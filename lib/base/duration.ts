/** A length of time: a whole number of seconds, or text: `90`, `'90s'`, `'15m'`, `'2h'`, `'1d'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Length of a {@link Duration} in seconds; `undefined` when it is none (the rules say so to the author). */
export function toSeconds(duration: unknown): number | undefined {
  if (typeof duration === 'number') return Number.isFinite(duration) ? duration : undefined;
  if (typeof duration !== 'string') return undefined;
  const [, amount, unit = ''] = /^(-?\d+(?:\.\d+)?)([smhd])$/.exec(duration) ?? [];
  const factor = SECONDS_PER[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
