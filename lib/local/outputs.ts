import type { Json, JsonObject } from '../base/json.ts';
import { carriedOf, type Wanted } from '../runtime/outputs.ts';
import type { LargeValues } from './large-values.ts';

/**
 * The fields of an output that somebody reads, as they travel; what is too large for that is kept as `values`.
 *
 * @throws {TaskError} `Dag.OutputTooLarge`
 */
export function wantedOf(event: Wanted, output: Json, values?: LargeValues): JsonObject {
  const { out, kept } = carriedOf(event, output, values?.refer);
  for (const value of kept) values?.keep(value);
  return out;
}
