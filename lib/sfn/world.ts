import type { Clock } from '../base/clock.ts';
import { type Json, type JsonObject, sortedJson } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import type { Place } from './arn.ts';

/** Where this server is, and its time and chance. */
export interface World extends Place {
  readonly clock: Clock;
  readonly random: Random;
}

/** Answers one call of the API. @throws {SfnError} */
export type Call = (input: JsonObject) => JsonObject | Promise<JsonObject>;

/** Calls by the API's names. */
export type Calls = Readonly<Record<string, Call>>;

/** An instant as the API writes it: seconds, with a fraction. */
export function seconds(instantMs: number): number;
export function seconds(instantMs: number | undefined): number | undefined;
export function seconds(instantMs: number | undefined): number | undefined {
  return instantMs === undefined ? undefined : instantMs / 1_000;
}

/** Whether two values are the same JSON, members in any order. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return sortedJson(a ?? null) === sortedJson(b ?? null);
}
