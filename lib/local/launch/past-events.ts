/** Events that another process wrote. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../../history/run-event.ts';

export const EVENTS_FILE = 'events.jsonl';

export interface PastEvents {
  readonly events: readonly RunEvent[];
  /** False where a line before the last one cannot be read: more is missing than what a crash tears off. */
  readonly isWhole: boolean;
}

/** The events in a run's folder, up to the first line that is none. */
export function readEvents(folder: string): PastEvents {
  const file = join(folder, EVENTS_FILE);
  if (!existsSync(file)) return { events: [], isWhole: true };
  const lines = readFileSync(file, 'utf8').split('\n');
  const events: RunEvent[] = [];
  for (const [index, line] of lines.entries()) {
    const event = eventIn(line);
    if (event === undefined) return { events, isWhole: lines.slice(index + 1).every((rest) => rest === '') };
    events.push(event);
  }
  return { events, isWhole: true };
}

/** Replaces the events in a run's folder. */
export function writeEvents(folder: string, events: readonly RunEvent[]): void {
  const file = join(folder, EVENTS_FILE);
  writeFileSync(`${file}.new`, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  renameSync(`${file}.new`, file);
}

/** The event that ended the run's own execution; `undefined` where none did. */
export function endIn(events: readonly RunEvent[]): RunEvent | undefined {
  return events.findLast(
    ({ type, execution }) =>
      execution === undefined && type.startsWith('Execution') && type !== 'ExecutionStarted',
  );
}

function eventIn(line: string): RunEvent | undefined {
  try {
    const event: unknown = JSON.parse(line);
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is RunEvent {
  return (
    typeof value === 'object' && value !== null && 'id' in value && 'type' in value && 'details' in value
  );
}
