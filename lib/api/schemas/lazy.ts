/** Schemas that are made as they are first needed: a function starts without those of what it is not asked for. */
import type * as z from 'zod';

/** What `make` gives, made at the first call; then the same, for an `id` names one schema of the document. */
export function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

type Lazy = () => z.ZodType;

/** What is written for a schema. */
export type InputOf<F extends Lazy> = z.input<ReturnType<F>>;
/** What a schema reads it as. */
export type OutputOf<F extends Lazy> = z.output<ReturnType<F>>;
