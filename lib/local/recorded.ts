/** Outputs that travel beside the machine: written by the task, read by whoever names them. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { RunInput } from '../model/run-input.ts';
import type { ItemKey, LatchTable } from './latch-table.ts';

/** Keeps the wanted fields of a task's output in the run's table. */
export function recordOutput(table: LatchTable, input: RunInput, task: string, out: JsonObject): void {
  const { table: name, pk, sk } = keyOf(input, task);
  table.put(name, { pk: { S: pk }, sk: { S: sk }, out: { S: JSON.stringify(out) } });
}

/** `args` with every `{ $output: { task, field } }` replaced; one without a value is left out. */
export function withRecorded(table: LatchTable, input: RunInput, args: JsonObject): JsonObject {
  const found = resolved(args, (task, field) => recordedField(table, keyOf(input, task), field));
  return isObject(found) ? found : {};
}

type Lookup = (task: string, field: string) => Json | undefined;

function resolved(value: Json | undefined, lookup: Lookup): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => resolved(each, lookup) ?? null);
  if (!isObject(value)) return value;
  const marker = value['$output'];
  if (isObject(marker)) return lookup(String(marker['task']), String(marker['field'] ?? ''));
  const entries = Object.entries(value).map(([key, each]) => [key, resolved(each, lookup)] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

function recordedField(table: LatchTable, key: ItemKey, field: string): Json | undefined {
  const text = table.get(key)?.['out']?.['S'];
  const out: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  return isObject(out) && Object.hasOwn(out, field) ? out[field] : undefined;
}

function keyOf({ run }: RunInput, task: string): ItemKey {
  return { table: run.table, pk: `RUN#${run.dagId}#${run.id}`, sk: `O#${task}` };
}
