/** JSON that comes from elsewhere. */
import { isObject, type Json, type JsonObject } from '../../lib/base/json.ts';

export { isObject, type Json, type JsonObject };

/** The object in it; an empty one where there is none. */
export function parseObject(text: Buffer | string): JsonObject {
  try {
    const value: Json = JSON.parse(String(text));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
