import { InvalidArgumentError } from 'commander';

/** Collects the arguments of `--param`, which may be given several times. */
export function assignment(text: string, previous: readonly string[] = []): readonly string[] {
  if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError(`must be name=value, got "${text}"`);
  return [...previous, text];
}

/** Of an option that may be said again: `a,b`, collected. */
export function several(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, ...text.split(',')];
}
