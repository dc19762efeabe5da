import type { SourceLocation } from '../base/errors.ts';

/** The place, as a part of a problem or node. */
export function placed(at: SourceLocation | undefined): { readonly at?: SourceLocation } {
  return at === undefined ? {} : { at };
}

/** Plain data has no fields that are `undefined`: it survives JSON unchanged. */
export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
