/**
 * A task whose engine Step Functions runs itself (`.sync`): its own state, and the way back by which the author's retries
 * try it again. The token that an engine tells two requests of one try apart by must be another one for each try, and
 * RetryCount also counts what is tried again because a service was busy: hence a way back, not Retry.
 *
 * How far the tries are stands in the state data from a failed try to the next one, so nothing is counted in variables:
 * those that are not assigned on every way cannot be read.
 */
import { expr, literal, member } from '../asl/jsonata.ts';
import type { Catcher, TaskState } from '../asl/states.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { objectOf, type SyncJob } from '../engines/sync.ts';
import type { Path } from '../model/ref.ts';
import type { RetryRule, TaskNode } from '../model/task.ts';
import { TRIES_KEY } from '../model/variables.ts';
import { instanceText } from './around.ts';
import { INPUT } from './conditions.ts';
import type { Course, Machine, Way } from './course.ts';
import { waitText } from './delay.ts';
import { evaluating, type Resolve, templateText, valueField } from './expression.ts';
import { without } from './latch-item.ts';
import { caught, dataAt, sidestep } from './leading.ts';
import { auxiliary } from './names.ts';
import { busyRetrier, type SyncRule, syncRules } from './sync-retry.ts';
import { timeoutOf } from './try-time.ts';

export interface SyncTask {
  readonly task: TaskNode;
  readonly job: SyncJob;
  readonly position: number;
  readonly resolve: Resolve;
  /** Where the task leads that failed for good. */
  readonly failed: Way;
}

/** Begins the cause of a try that Step Functions takes for done and the engine's file does not. */
const NOT_DONE = 'Engine.JobFailed: ';

const SO_FAR = member(INPUT, TRIES_KEY);
/** Number of the try, of a task that is tried again. */
const TRY = `($exists(${SO_FAR}) ? ${SO_FAR}.n : 1)`;

/** Everything of the own state but what follows success; what follows failure is written beside it. */
export function syncState(
  course: Course,
  sync: SyncTask,
): Pick<TaskState, 'Type' | 'Resource' | 'Arguments' | 'TimeoutSeconds' | 'Retry' | 'Catch'> {
  const { task, job } = sync;
  const rules = syncRules(task, job);
  if (rules.some(isRetried)) retryStates(course, sync);
  return {
    Type: 'Task',
    Resource: job.resource,
    Arguments: argumentsOf(course.machine, sync),
    TimeoutSeconds: timeoutOf(task),
    Retry: [busyRetrier(job)],
    Catch: rules.map((rule) => catcher(course, sync, rule)),
  };
}

function isRetried({ rule }: SyncRule): boolean {
  return (rule?.attempts ?? 0) > 0;
}

/** State data behind a success, as JSONata text: where the engine's answer is none of success, an error. */
export function syncData(course: Course, { task, job, position }: Omit<SyncTask, 'failed'>): string {
  const data = ownData(course, task, job, position);
  const { holds } = job;
  if (holds === undefined) return data;
  return `((${holds.condition}) ? ${data} : $error(${literal(NOT_DONE)} & ${holds.otherwise}))`;
}

/** State data as the task found it, whichever try it is. */
function ownData(course: Course, task: TaskNode, job: SyncJob, position: number): string {
  const data = dataAt(course, position);
  return data === INPUT && syncRules(task, job).some(isRetried) ? without(TRIES_KEY) : data;
}

function argumentsOf(machine: Machine, { task, job, resolve }: SyncTask): JsonObject {
  const { call } = task;
  const request = job.request(call.kind === 'engine' ? call.args : {}, timeoutOf(task));
  const within = evaluating(resolve);
  const number = syncRules(task, job).some(isRetried) ? `$string(${TRY})` : '"1"';
  const adds = [{ at: job.tokenAt, text: tokenText(machine, task.id, number) }, ...(job.adds ?? [])];
  const fields = Object.entries(request).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, fieldWith(value, addedTo(name, adds), within)] as const],
  );
  const missing = adds.filter(({ at: [first] }) => request[String(first)] === undefined);
  return { ...Object.fromEntries(fields), ...Object.fromEntries(missing.map(added)) };
}

interface Added {
  readonly at: Path;
  readonly text: string;
}

function addedTo(name: string, adds: readonly Added[]): readonly Added[] {
  return adds.flatMap(({ at: [first, ...rest], text }) => (first === name ? [{ at: rest, text }] : []));
}

function added({ at: [first = '', second], text }: Added): readonly [string, Json] {
  return [String(first), second === undefined ? expr(text) : { [second]: expr(text) }];
}

/** A field of the request, with what goes into it besides. */
function fieldWith(value: Json, adds: readonly Added[], resolve: Resolve): Json {
  if (adds.length === 0) return valueField(value, resolve);
  const own = valueField(value, resolve);
  if (typeof own === 'object') return { ...objectOf(own), ...Object.fromEntries(adds.map(added)) };
  const more = adds.map(({ at: [name = ''], text }) => `${literal(String(name))}: ${text}`);
  return expr(`$merge([${templateText(value, resolve)}, {${more.join(', ')}}])`);
}

/** Longest that every engine takes, and a name of an execution may be. */
const TOKEN_CHARACTERS = 64;

/**
 * `2-13-0-9f86d081…`: the try, the counters of the modules around, and a hash that tells executions and tasks apart. The
 * same for all requests of a try; a redriven execution is another one.
 */
function tokenText(machine: Machine, id: string, number: string): string {
  const instance = instanceText(machine);
  const execution = '$states.context.Execution';
  const redriven = `$string($exists(${execution}.RedriveCount) ? ${execution}.RedriveCount : 0)`;
  const which = `${number} & "-"${instance === undefined ? '' : ` & ${instance} & "-"`}`;
  const told = `${execution}.Id & ${literal(`/${id}/`)} & ${redriven} & "/" & $t`;
  return `($t := ${which}; $substring($t & $hash(${told}, "SHA-256"), 0, ${TOKEN_CHARACTERS}))`;
}

function retryName(id: string): string {
  return auxiliary(id, 'again');
}

function catcher(course: Course, { task, job, position, failed }: SyncTask, found: SyncRule): Catcher {
  const { names, rule, index, onlyNotDone } = found;
  const data = ownData(course, task, job, position);
  if (rule === undefined || !isRetried(found)) return { ErrorEquals: names, ...caught(course, failed, data) };
  const uses = usesText(index, task.retries);
  const isLeft = `$u <= ${rule.attempts}${onlyNotDone ? ` and $contains($states.errorOutput.Cause, ${literal(NOT_DONE)})` : ''}`;
  const next = `"n": ${TRY} + 1, "w": ${isLeft} ? ${waitText(rule, '$u')} : -1`;
  const counted = task.retries.length > 1 ? `, ${literal(`r${index}`)}: $u` : '';
  const soFar = task.retries.length > 1 ? `$merge([${SO_FAR}, {${next}${counted}}])` : `{${next}}`;
  return {
    ErrorEquals: names,
    Output: expr(`($u := ${uses} + 1; $merge([${data}, {${literal(TRIES_KEY)}: ${soFar}}]))`),
    Next: retryName(task.id),
  };
}

/** How often the rule was used before. */
function usesText(index: number, rules: readonly RetryRule[]): string {
  if (rules.length === 1) return `${TRY} - 1`;
  const uses = member(SO_FAR, `r${index}`);
  return `($exists(${uses}) ? ${uses} : 0)`;
}

/** Between two tries: whether there is another one, and the wait before it. */
function retryStates(course: Course, { task, failed }: SyncTask): void {
  const { machine } = course;
  const [again, wait] = [retryName(task.id), auxiliary(task.id, 'wait')];
  const tries = task.retries.reduce((sum, { attempts }) => sum + attempts, 1);
  for (const name of [task.id, again, wait]) machine.hints.set(name, { rounds: tries });
  machine.roles.set(again, 'another try');
  machine.roles.set(wait, 'wait before a try');
  for (const name of [again, wait]) machine.owners.set(name, { retries: task.id });
  const { Next, ...flow } = sidestep(course, failed, without(TRIES_KEY));
  course.states[again] = {
    Type: 'Choice',
    Choices: [{ Condition: expr(`${SO_FAR}.w >= 0`), Next: wait }],
    ...flow,
    Default: Next,
  };
  course.states[wait] = {
    Type: 'Wait',
    Seconds: expr(`${SO_FAR}.w`),
    Output: expr(INPUT),
    Next: task.id,
  };
}
