import { MAX_ALL_VARIABLES_BYTES, MAX_ASSIGN_BYTES, MAX_VARIABLE_BYTES } from '../asl/limits.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { Failure } from './failure.ts';
import { bytesOf, textOf } from './json-text.ts';

/**
 * The variables of one line of states. Those of the enclosing line can be read and not assigned; they do
 * not change while this line runs, because the enclosing one is inside a Parallel or Map.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
export class Variables {
  readonly #outer: Variables | undefined;
  readonly #own = new Map<string, Json>();
  /** Bytes of all there are, the outer ones included. */
  #bytes: number;

  constructor(outer?: Variables) {
    this.#outer = outer;
    this.#bytes = outer === undefined ? 0 : outer.#bytes;
  }

  /** A variable's value; `undefined` where there is none. */
  get(name: string): Json | undefined {
    return this.#own.get(name) ?? (this.#own.has(name) ? null : this.#outer?.get(name));
  }

  /**
   * Sets what one `Assign` gives; returns the values' JSON texts.
   *
   * @throws {Failure} when one, or all, is too large, or belongs to the outer line
   */
  assign(assigned: Readonly<Record<string, Json>>): JsonObject {
    const texts: Record<string, string> = {};
    let assignedBytes = 0;
    let bytes = this.#bytes;
    for (const [name, value] of Object.entries(assigned)) {
      if (this.#outer?.get(name) !== undefined) {
        const text = `The variable '${name}' belongs to an outer scope and cannot be assigned here.`;
        throw new Failure('States.Runtime', { text });
      }
      const text = textOf(value);
      const size = bytesOf(text);
      if (size > MAX_VARIABLE_BYTES) throw tooLarge(`The variable '${name}'`, MAX_VARIABLE_BYTES);
      texts[name] = text;
      assignedBytes += size;
      bytes += size - this.#sizeOf(name);
    }
    if (assignedBytes > MAX_ASSIGN_BYTES) throw tooLarge('What is assigned', MAX_ASSIGN_BYTES);
    if (bytes > MAX_ALL_VARIABLES_BYTES) throw tooLarge('All variables together', MAX_ALL_VARIABLES_BYTES);
    for (const [name, value] of Object.entries(assigned)) this.#own.set(name, value);
    this.#bytes = bytes;
    return texts;
  }

  #sizeOf(name: string): number {
    const value = this.#own.get(name);
    return value === undefined ? 0 : bytesOf(textOf(value));
  }
}

function tooLarge(what: string, limit: number): Failure {
  return new Failure('States.DataLimitExceeded', {
    text: `${what} exceeds the maximum size of ${limit} bytes.`,
  });
}
