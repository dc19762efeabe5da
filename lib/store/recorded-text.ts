import type { RecordedRun } from '../history/recorded-run.ts';

/** What a run recorded as JSON text, its maps as lists of entries. */
export function recordedText({ states, outputs, marks, records }: RecordedRun): string {
  return JSON.stringify({ states: [...states], outputs: [...outputs], marks, records });
}

/** What {@link recordedText} made a text of. */
export function recordedOf(text: string): RecordedRun {
  const { states, outputs, marks, records } = JSON.parse(text);
  return { states: new Map(states), outputs: new Map(outputs), marks, records };
}
