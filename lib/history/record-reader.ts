import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { RecordedOutput } from '../model/run-input.ts';
import type { RunEvent } from './run-event.ts';

type Recorder = Omit<RecordedOutput, 'out'>;

/** Finds what handlers were told to record, and what they gave; a later run of a task takes the place of an earlier one. */
export class RecordReader {
  readonly #records: Map<string, RecordedOutput>;
  /** By execution and event id. */
  readonly #recorders = new Map<string, Recorder>();

  constructor(before: readonly RecordedOutput[] = []) {
    this.#records = new Map(before.map((record) => [keyOf(record), record]));
  }

  apply({ id, previousEventId, type, details, execution }: RunEvent): void {
    if (!type.startsWith('Task')) return;
    const at = (event: number) => `${execution ?? ''}:${event}`;
    const recorder = recorderIn(details['parameters']) ?? this.#recorders.get(at(previousEventId));
    if (recorder === undefined || type === 'TaskStateExited') return;
    this.#recorders.set(at(id), recorder);
    const out = type === 'TaskSucceeded' ? outIn(details['output']) : undefined;
    if (out !== undefined) this.#records.set(keyOf(recorder), { ...recorder, out });
  }

  all(): readonly RecordedOutput[] {
    return [...this.#records.values()];
  }
}

function recorderIn(parameters: Json | undefined): Recorder | undefined {
  if (typeof parameters !== 'string' || !parameters.includes('"record":true')) return undefined;
  const payload = payloadIn(parameters);
  if (payload === undefined || payload['record'] !== true) return undefined;
  const { task, instance } = payload;
  return { task: String(task), ...(typeof instance === 'string' ? { instance } : {}) };
}

function outIn(output: Json | undefined): JsonObject | undefined {
  const out = typeof output === 'string' ? payloadIn(output)?.['out'] : undefined;
  return isObject(out) ? out : undefined;
}

/** What was sent to a function, or what it answered. */
function payloadIn(text: string): JsonObject | undefined {
  const value: unknown = JSON.parse(text);
  const payload = isObject(value) ? value['Payload'] : undefined;
  return isObject(payload) ? payload : undefined;
}

function keyOf({ task, instance = '' }: Recorder): string {
  return `${task}#${instance}`;
}
