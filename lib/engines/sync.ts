/** Engines whose job Step Functions itself starts and waits for: `.sync`. Everything here is data, read by the compiler. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { Path } from '../model/ref.ts';

/** How the state of an engine with pattern `sync` does its work. JSONata texts read `$states.result`. */
export interface SyncJob {
  /** `arn:aws:states:::glue:startJobRun.sync` */
  readonly resource: string;
  /**
   * What the state sends, from the call's arguments, Refs left as they are. `timeoutSec` is the state's: the engine's own
   * limit is below it, so that the job ends before nobody waits for it any more.
   */
  readonly request: (args: JsonObject, timeoutSec: number) => JsonObject;
  /** Where the try's idempotency token goes, in the request. */
  readonly tokenAt: Path;
  /** JSONata texts that go into the request besides. @default none */
  readonly adds?: readonly { readonly at: Path; readonly text: string }[];
  /** The output: JSONata text of each of its fields. One without a value is left out. */
  readonly fields: Readonly<Record<string, string>>;
  /**
   * Of a job that Step Functions takes for done: JSONata text of what is true where it did its work, and of what to say
   * where it did not; the try then fails. @default it always did
   */
  readonly holds?: { readonly condition: string; readonly otherwise: string };
  /** Throttling, limits, lost connections: tried again, often, within the same try. */
  readonly busy: readonly string[];
  /** What another try does not mend: not retried, unless a rule names it. */
  readonly refused: readonly string[];
  /** In a local run: what was sent, as the author wrote it. */
  readonly argsOf: (request: JsonObject) => JsonObject;
  /** In a local run: what the engine would answer, from the output that a stand-in gave. */
  readonly answer: (output: JsonObject) => JsonObject;
}

/** Names a task may be retried by whatever the engine: the job ran and failed; it ran too long. */
export const JOB_FAILED = 'States.TaskFailed';
export const JOB_TIMEOUT = 'States.Timeout';

/** Refused by Step Functions itself: arguments that cannot be evaluated, rights that are missing. */
export const REFUSED_BY_STATES: readonly string[] = ['States.QueryEvaluationError', 'States.Permissions'];

/** camelCase → PascalCase, at any depth but inside what people name themselves. Refs stay as they are. */
export function pascal(value: Json, named: ReadonlySet<string>): Json {
  return renamed(value, (key) => key.charAt(0).toUpperCase() + key.slice(1), named);
}

/** {@link pascal} back; `named`: as it stands there. */
export function camel(value: Json, named: ReadonlySet<string>): Json {
  return renamed(value, (key) => key.charAt(0).toLowerCase() + key.slice(1), named);
}

function renamed(value: Json, name: (key: string) => string, named: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map((item: Json) => renamed(item, name, named));
  if (!isObject(value) || '$ref' in value) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : [[name(key), named.has(key) ? item : renamed(item, name, named)]],
    ),
  );
}

/** Whole minutes below a state's time, at least one: a minute is left for the end to be noticed. */
export function minutesBelow(timeoutSec: number): number {
  return Math.max(1, Math.floor((timeoutSec - 60) / 60));
}

/** An object, whatever it was. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
