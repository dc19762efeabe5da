import type { FailState } from '../../asl/states.ts';
import type { Json } from '../../base/json.ts';
import { Failure } from '../failure.ts';
import { type Template, typedTemplate } from '../template.ts';
import type { Runner, Step, Visit } from '../visit.ts';

/** A state that fails. @see https://states-language.net/spec.html#fail-state */
export function fail(state: FailState): Runner {
  const error = text(state.Error, 'Error');
  const cause = text(state.Cause, 'Cause');
  return (visit) => failWith(visit, error, cause);
}

function text(value: string | undefined, field: string): Template | undefined {
  return value === undefined ? undefined : typedTemplate(value, field, 'string');
}

async function failWith(
  visit: Visit,
  error: Template | undefined,
  cause: Template | undefined,
): Promise<Step> {
  const scope = visit.scope();
  const name = await error?.(scope);
  throw new Failure(textOrNothing(name), { text: textOrNothing(await cause?.(scope)) });
}

function textOrNothing(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
