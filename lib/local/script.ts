import type { Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import { TaskError } from '../interpreter/resource.ts';
import type { TaskEvent, TaskReply } from '../model/run-input.ts';
import { wantedOf } from './outputs.ts';

/**
 * Task id → its tries, one after the other; the last repeats. Or asked at the start of each try, which may tell the
 * instances of a map apart and the looks of a sensor. @default one success of a second
 */
export type Script =
  | Readonly<Record<string, readonly ScriptedTry[]>>
  | ((event: TaskEvent, nowMs: number) => ScriptedTry | undefined);

/** How one try of a task ends. */
export interface ScriptedTry {
  /** @default 1 */
  readonly durationSec?: number;
  /** @default 'success' */
  readonly outcome?: 'success' | 'failed' | 'skipped';
  /** Class of a failure: what retry rules match. @default 'Error' */
  readonly error?: string;
  /** @default {} */
  readonly output?: Json;
  /** Of a branch: what it chooses. @default none */
  readonly labels?: readonly string[];
  /** Of a short circuit: whether to go on. @default true */
  readonly pass?: boolean;
}

/**
 * Plays one try of a task as the script has it.
 *
 * @throws {TaskError} when the try is to fail or to skip
 */
export async function play(
  script: Script,
  event: TaskEvent,
  clock: Clock,
  signal: AbortSignal,
): Promise<TaskReply> {
  const {
    durationSec = 1,
    outcome = 'success',
    error = 'Error',
    ...found
  } = scripted(script, event, clock.now()) ?? {};
  await clock.until(clock.now() + Math.round(durationSec * 1000), signal);
  if (outcome === 'skipped') throw new TaskError('SkipTask', `try ${event.try} skips`);
  if (outcome === 'failed') throw new TaskError(error, `try ${event.try} fails`);
  const out = wantedOf(event.task, found.output ?? {}, event.want);
  const { labels, pass = true } = found;
  return { out, ...(labels === undefined ? { pass } : { labels }) };
}

function scripted(script: Script, event: TaskEvent, nowMs: number): ScriptedTry | undefined {
  if (typeof script === 'function') return script(event, nowMs);
  const tries = script[event.task] ?? [];
  return tries[Math.min(event.try, tries.length) - 1];
}
