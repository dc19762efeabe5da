/** Instants that a task can wait for. */

/** Days there are, of the years there are. */
const LEAP_YEAR = '[0-9][0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00';
const DAY = [
  '[0-9][0-9][0-9][0-9]-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])',
  '[0-9][0-9][0-9][0-9]-(0[469]|11)-(0[1-9]|[12][0-9]|30)',
  '[0-9][0-9][0-9][0-9]-02-(0[1-9]|1[0-9]|2[0-8])',
  `(${LEAP_YEAR})-02-29`,
].join('|');
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?';
const ZONE = 'Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]';

/** An instant as ISO 8601 with its zone; seconds may be left out. The same expression in TypeScript and JSONata. */
export const INSTANT = `^(${DAY})T${TIME}(${ZONE})$`;

/** True for an instant that can be waited for: `2026-08-22T06:00:00Z`, `2026-08-22T06:00+02:00`. */
export function isInstant(value: unknown): value is string {
  return typeof value === 'string' && new RegExp(INSTANT).test(value);
}
