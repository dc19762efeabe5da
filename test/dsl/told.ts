import { problemText } from '../../lib/base/errors.ts';
import { DefinitionError } from '../../lib/index.ts';

/** What the author's editor cannot see: a value of a wrong type, as JavaScript lets it through. */
export const untyped = (value: unknown): never => value as never;

/** Every mistake that `dag()` tells, as one line each. */
export function told(declare: () => unknown): readonly string[] {
  try {
    declare();
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems.map(problemText);
    throw error;
  }
  return [];
}
