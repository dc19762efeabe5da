import type { Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import { AWAITED_RUN_FAILED, RUN_SENSOR, TRIGGERED_RUN_FAILED } from '../engines/run-wait.ts';
import { TaskError } from '../interpreter/resource.ts';
import type { TaskEvent, TaskReply } from '../model/run-input.ts';
import { notThere } from '../runtime/look.ts';
import type { LargeValues } from './large-values.ts';
import { wantedOf } from './outputs.ts';

/**
 * Task id → its tries, one after the other; the last repeats. `load@3` is the run of `load` whose instance is `3`:
 * what stands there goes before what stands under `load`. Of a sensor the tries are its looks. Or a function, asked at
 * the start of each try. @default one success of a second
 */
export type Script =
  | Readonly<Record<string, readonly ScriptedTry[]>>
  | ((event: TaskEvent, nowMs: number) => ScriptedTry | undefined);

/** How one try of a task ends. */
export interface ScriptedTry {
  /** @default 1 */
  readonly durationSec?: number;
  /** `notReady`: a sensor finds nothing; it looks again, or ends where its time is over. @default 'success' */
  readonly outcome?: 'success' | 'failed' | 'skipped' | 'notReady';
  /** Class of a failure: what retry rules match. @default 'Error' */
  readonly error?: string;
  /** Of an approval, the answer. @default {} */
  readonly output?: Json;
  /** Of a branch: what it chooses. @default none */
  readonly labels?: readonly string[];
  /** Of a short circuit: whether to go on. @default true */
  readonly pass?: boolean;
}

/** Around the play of a try. */
export interface Playing {
  readonly signal: AbortSignal;
  /** Where outputs too large for the machine go. @default such a try fails */
  readonly values?: LargeValues;
  /** Is told what the try gives. */
  readonly onGiven?: (output: Json) => void;
}

/**
 * Plays one try of a task as the script has it.
 *
 * @throws {TaskError} when the try is to fail, to skip or to look again
 */
export async function play(
  script: Script,
  event: TaskEvent,
  clock: Clock,
  { signal, values, onGiven }: Playing,
): Promise<TaskReply> {
  const one = scripted(script, event, clock.now()) ?? {};
  const { durationSec = 1, outcome = 'success', error = 'Error', output = {} } = one;
  await clock.until(clock.now() + Math.round(durationSec * 1000), signal);
  if (outcome === 'notReady') throw notThere(event, clock.now());
  if (outcome === 'skipped') throw new TaskError('SkipTask', `try ${event.try} skips`);
  if (outcome === 'failed') throw new TaskError(error, `try ${event.try} fails`);
  const out = wantedOf(event, output, values);
  onGiven?.(output);
  const { labels, pass = true } = one;
  return { out, ...(labels === undefined ? { pass } : { labels }) };
}

/**
 * What a person answers, when the script has them do so. A failed outcome is the answer that rejects.
 *
 * @throws {TaskError} when the approval is to fail
 */
export async function answer(
  script: Script,
  event: TaskEvent,
  clock: Clock,
  signal: AbortSignal,
): Promise<Json> {
  const one = scripted(script, event, clock.now()) ?? {};
  const { durationSec = 1, outcome = 'success', error = unanswered(event), output } = one;
  await clock.until(clock.now() + Math.round(durationSec * 1000), signal);
  if (outcome !== 'success') throw new TaskError(error, `try ${event.try} fails`);
  return output ?? answerOf(event, clock.now());
}

/** Of a wait for a run as nobody says it: it never ended well; of a person, no. */
function unanswered({ engine }: TaskEvent): string {
  if (engine === undefined) return 'Approval.Rejected';
  return engine === RUN_SENSOR ? AWAITED_RUN_FAILED : TRIGGERED_RUN_FAILED;
}

/** A run that ended well, or a person who lets it go on. */
function answerOf({ engine, args = {}, execution }: TaskEvent, nowMs: number): Json {
  if (engine === undefined) return { choice: 'approve', at: new Date(nowMs).toISOString() };
  const { dagId = '', logicalDate = execution.run.logicalDate } = args;
  return { dagId, runId: logicalDate, logicalDate, state: 'success' };
}

/** Whether a script says something of a task; of one that is a function, nothing is known beforehand: it may be asked twice. */
export function isScripted(script: Script, event: TaskEvent): boolean {
  if (typeof script === 'function') return false;
  return event.task in script || `${event.task}@${event.instance}` in script;
}

/** What a script has for a try; `undefined`: nothing. */
export function scripted(script: Script, event: TaskEvent, nowMs: number): ScriptedTry | undefined {
  if (typeof script === 'function') return script(event, nowMs);
  const own = event.instance === undefined ? undefined : script[`${event.task}@${event.instance}`];
  const tries = own ?? script[event.task] ?? [];
  return tries[Math.min(event.try, tries.length) - 1];
}
