/** Recorded outputs in a run's table. */
import type { JsonObject } from '../base/json.ts';
import type { RecordedOutput, RunInput } from '../model/run-input.ts';
import { type Recorder, recordedEarlier, recordKey, recordOf, withRecords } from '../runtime/recorded.ts';
import type { LatchTable } from './latch-table.ts';

/** Keeps the wanted fields of a task's output in the run's table. */
export function recordOutput(
  table: LatchTable,
  input: RunInput,
  { task, instance }: Recorder,
  out: JsonObject,
): void {
  const recorded = { task, ...(instance === undefined ? {} : { instance }), out };
  table.put(input.run.table, recordOf(input, recorded));
}

/** What an earlier execution of the run had in its table, for a rerun, but of what runs again: that gives its own. */
export function recordEarlier(
  table: LatchTable,
  input: RunInput,
  records: readonly RecordedOutput[] = [],
): void {
  for (const { out, ...recorder } of recordedEarlier(input, records))
    recordOutput(table, input, recorder, out);
}

/** `args` with what the run's table holds put in. */
export function withRecorded(table: LatchTable, input: RunInput, args: JsonObject): JsonObject {
  return withRecords(args, (recorder) => {
    const text = table.get({ table: input.run.table, ...recordKey(input, recorder) })?.['out']?.['S'];
    return typeof text === 'string' ? text : undefined;
  });
}
