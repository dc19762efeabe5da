/** Outputs that travel beside the machine: written by the task, read by whoever names them. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { RecordedOutput, RunInput } from '../model/run-input.ts';

/** Which run of a task recorded it. */
export type Recorder = Omit<RecordedOutput, 'out'>;

/** Where a run of a task records, in the table that the run's input names. */
export interface RecordKey {
  readonly pk: string;
  readonly sk: string;
}

/** Of the sort keys of all that a run's tasks recorded. */
export const RECORD_PREFIX = 'O#';

/** `O#<task>`, of an instance `O#<task>#<counter>#<counter>`. */
export function recordKey(
  { run }: { readonly run: Pick<RunInput['run'], 'dagId' | 'id'> },
  { task, instance = '' }: Recorder,
): RecordKey {
  const counters = instance === '' ? '' : `#${instance.replaceAll('.', '#')}`;
  return { pk: `RUN#${run.dagId}#${run.id}`, sk: `${RECORD_PREFIX}${task}${counters}` };
}

/** The item of what was recorded. */
export function recordOf(
  input: RunInput,
  { out, ...recorder }: RecordedOutput,
): Readonly<Record<string, { readonly S: string }>> {
  const { pk, sk } = recordKey(input, recorder);
  return { pk: { S: pk }, sk: { S: sk }, out: { S: JSON.stringify(out) } };
}

/**
 * What a rerun finds recorded as it starts: what the run before had, but of what runs again, which gives its own; and
 * what its input tells of the others.
 */
export function recordedEarlier(
  { rerun }: Pick<RunInput, 'rerun'>,
  records: readonly RecordedOutput[] = [],
): readonly RecordedOutput[] {
  const kept = records.filter(({ task }) => !runsAgain(rerun?.tasks ?? [], task));
  const told = Object.entries(rerun?.outputs ?? {}).map(([task, out]) => ({ task, out }));
  return [...kept, ...told];
}

/** Whether a task is one of those that run again, or inside one. */
export function runsAgain(again: readonly string[], task: string): boolean {
  return again.some((id) => task === id || task.startsWith(`${id}.`));
}

/** What a run of a task recorded, as JSON text; `undefined` where it recorded nothing. */
export type ReadRecord = (recorder: Recorder) => string | undefined;

/**
 * `args` with every `{ $output: { task, field, instance?, items? } }` replaced: by the field that the task, or that run
 * of it, recorded, or with `items` by the list of what so many instances below it did, `null` where one did not. A
 * field without a value is left out.
 */
export function withRecords(args: JsonObject, read: ReadRecord): JsonObject {
  const found = resolved(args, read);
  return isObject(found) ? found : {};
}

/** Whose records `args` name, each once. */
export function recordersIn(args: JsonObject): readonly Recorder[] {
  const asked = new Map<string, Recorder>();
  withRecords(args, (recorder) => {
    asked.set(`${recorder.task}#${recorder.instance ?? ''}`, recorder);
    return undefined;
  });
  return [...asked.values()];
}

function resolved(value: Json | undefined, read: ReadRecord): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json) => resolved(each, read) ?? null);
  if (!isObject(value)) return value;
  const marker = value['$output'];
  if (isObject(marker)) return lookUp(read, marker);
  const entries = Object.entries(value).map(([key, each]) => [key, resolved(each, read)] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

function lookUp(read: ReadRecord, marker: JsonObject): Json | undefined {
  const { field = '', instance = '', items } = marker;
  const task = String(marker['task']);
  const prefix = String(instance);
  const at = (path: string) => fieldIn(read({ task, instance: path }), String(field));
  if (typeof items !== 'number') return at(prefix);
  const path = (index: number) => (prefix === '' ? String(index) : `${prefix}.${index}`);
  return Array.from({ length: items }, (_, index) => at(path(index)) ?? null);
}

function fieldIn(text: string | undefined, field: string): Json | undefined {
  const out: unknown = text === undefined ? undefined : JSON.parse(text);
  return isObject(out) && Object.hasOwn(out, field) ? out[field] : undefined;
}
