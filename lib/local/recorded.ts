/** Outputs that travel beside the machine: written by the task, read by whoever names them. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { RecordedOutput, RunInput } from '../model/run-input.ts';
import type { ItemKey, LatchTable } from './latch-table.ts';

/** Which run of a task recorded it. */
export type Recorder = Omit<RecordedOutput, 'out'>;

/** Keeps the wanted fields of a task's output in the run's table. */
export function recordOutput(
  table: LatchTable,
  input: RunInput,
  { task, instance }: Recorder,
  out: JsonObject,
): void {
  const { table: name, pk, sk } = keyOf(input, task, instance);
  table.put(name, { pk: { S: pk }, sk: { S: sk }, out: { S: JSON.stringify(out) } });
}

/** What an earlier execution of the run had in its table, for a rerun, but of what runs again: that gives its own. */
export function recordEarlier(
  table: LatchTable,
  input: RunInput,
  records: readonly RecordedOutput[] = [],
): void {
  const again = input.rerun?.tasks ?? [];
  const runsAgain = (task: string) => again.some((id) => task === id || task.startsWith(`${id}.`));
  for (const { out, ...recorder } of records)
    if (!runsAgain(recorder.task)) recordOutput(table, input, recorder, out);
  for (const [task, out] of Object.entries(input.rerun?.outputs ?? {}))
    recordOutput(table, input, { task }, out);
}

/**
 * `args` with every `{ $output: { task, field, instance?, items? } }` replaced: by the field that the task, or that run
 * of it, recorded, or with `items` by the list of what so many instances below it did, `null` where one did not. A
 * field without a value is left out.
 */
export function withRecorded(table: LatchTable, input: RunInput, args: JsonObject): JsonObject {
  const found = resolved(args, (marker) => lookUp(table, input, marker));
  return isObject(found) ? found : {};
}

type Lookup = (marker: JsonObject) => Json | undefined;

function resolved(value: Json | undefined, lookup: Lookup): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json) => resolved(each, lookup) ?? null);
  if (!isObject(value)) return value;
  const marker = value['$output'];
  if (isObject(marker)) return lookup(marker);
  const entries = Object.entries(value).map(([key, each]) => [key, resolved(each, lookup)] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

function lookUp(table: LatchTable, input: RunInput, marker: JsonObject): Json | undefined {
  const { task, field = '', instance = '', items } = marker;
  const read = (path: string) => recordedField(table, keyOf(input, String(task), path), String(field));
  const prefix = String(instance);
  if (typeof items !== 'number') return read(prefix);
  const path = (index: number) => (prefix === '' ? String(index) : `${prefix}.${index}`);
  return Array.from({ length: items }, (_, index) => read(path(index)) ?? null);
}

function recordedField(table: LatchTable, key: ItemKey, field: string): Json | undefined {
  const text = table.get(key)?.['out']?.['S'];
  const out: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  return isObject(out) && Object.hasOwn(out, field) ? out[field] : undefined;
}

/** `O#<task>`, of an instance `O#<task>#<counter>#<counter>`. */
function keyOf({ run }: RunInput, task: string, instance = ''): ItemKey {
  const counters = instance === '' ? '' : `#${instance.replaceAll('.', '#')}`;
  return { table: run.table, pk: `RUN#${run.dagId}#${run.id}`, sk: `O#${task}${counters}` };
}
