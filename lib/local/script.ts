import type { Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import { TaskError } from '../interpreter/resource.ts';
import type { TaskEvent, TaskReply } from '../model/run-input.ts';
import { wantedOf } from './outputs.ts';

/** Task id → its tries, one after the other; the last repeats. @default one success of a second */
export type Script = Readonly<Record<string, readonly ScriptedTry[]>>;

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
  const tries = script[event.task] ?? [];
  const {
    durationSec = 1,
    outcome = 'success',
    error = 'Error',
    ...found
  } = tries[Math.min(event.try, tries.length) - 1] ?? {};
  await clock.until(clock.now() + Math.round(durationSec * 1000), signal);
  if (outcome === 'skipped') throw new TaskError('SkipTask', `try ${event.try} skips`);
  if (outcome === 'failed') throw new TaskError(error, `try ${event.try} fails`);
  const out = wantedOf(event.task, found.output ?? {}, event.want);
  const { labels, pass = true } = found;
  return { out, ...(labels === undefined ? { pass } : { labels }) };
}
