/** What functions are sent, checked: what is wrong is told with its place, rule, value and remedy. */
import type * as z from 'zod';
import { ProblemError } from '../api/problem.ts';
import { checked } from '../api/validate.ts';
import { RefusedError } from '../base/errors.ts';

/**
 * The event as its function takes it.
 *
 * @param name of the function
 * @param remedy what to send instead
 * @throws {RefusedError} `invalid-event`
 */
export function checkedEvent<S extends z.ZodType>(
  { name, remedy }: { readonly name: string; readonly remedy: string },
  schema: S,
  event: unknown,
): z.output<S> {
  try {
    return checked(schema, event, 'event');
  } catch (error) {
    throw error instanceof ProblemError ? refused(name, remedy, error) : error;
  }
}

function refused(name: string, remedy: string, cause: ProblemError): RefusedError {
  const problems = cause.errors.map(
    ({ field, rule, value }) => `${name} › ${field}: ${rule}, got ${value ?? 'nothing'}`,
  );
  const told = problems.length === 0 ? [cause.message] : problems;
  return new RefusedError('invalid-event', `${told.join('\n')}; ${remedy}`, { cause });
}
