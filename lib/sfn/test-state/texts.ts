import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { SfnError, validation } from '../errors.ts';
import { optionalText, parsed } from '../request.ts';

/** The state's input; `{}` when it is left out. @throws {SfnError} `InvalidExecutionInput` */
export function inputOf(request: JsonObject): Json {
  const source = optionalText(request, 'input', { max: 262_144 }) ?? '{}';
  return parsed(
    source,
    (why) => new SfnError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`),
  );
}

/** The variables the state finds. @throws {SfnError} `ValidationException` */
export function variablesOf(request: JsonObject): Readonly<Record<string, Json>> {
  const source = optionalText(request, 'variables', { max: 262_144 }) ?? '{}';
  const value = parsed(source, (why) => validation(`Invalid 'variables' provided: ${why}`));
  if (!isObject(value)) throw validation(`Invalid 'variables' provided: must be a JSON object`);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, member ?? null]));
}
