/**
 * History events → task runs and their tries: one projector for live runs, ended runs and both places.
 *
 * What ran is told by the events of states named after tasks. What did not run is told by the codes in
 * the state data (`{ "load": "k" }`); of tasks under plain `all_success` the machine leaves out codes
 * nobody reads, and they follow from their upstream.
 */
import type { HistoryEvent } from '../asl/events.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import type { Manifest, ManifestTask } from '../model/manifest.ts';

export type TaskRunState =
  | 'none'
  | 'scheduled'
  | 'running'
  | 'up_for_retry'
  | 'success'
  | 'failed'
  | 'skipped'
  | 'upstream_failed'
  | 'cancelled';

/** One task of one run. */
export interface TaskRun {
  readonly id: string;
  readonly state: TaskRunState;
  /** Absent where the task did not run. Milliseconds since the epoch, UTC, as all instants here. */
  readonly startMs?: number;
  /** When it became final. */
  readonly endMs?: number;
  /** Oldest first; empty for what did not run and for what the machine itself decides. */
  readonly tries: readonly Try[];
}

export interface Try {
  readonly startMs: number;
  readonly endMs?: number;
  readonly state: 'running' | 'success' | 'failed' | 'skipped' | 'cancelled';
  readonly error?: string;
  readonly cause?: string;
}

export type RunState = 'running' | 'success' | 'failed' | 'cancelled';

export interface RunProjection {
  readonly state: RunState;
  readonly tasks: readonly TaskRun[];
}

/** Projects a whole history at once. */
export function project(manifest: Manifest, events: readonly HistoryEvent[]): RunProjection {
  const projector = new Projector(manifest);
  for (const event of events) projector.apply(event);
  return { state: projector.runState(), tasks: projector.tasks() };
}

const CODES: Readonly<Record<string, TaskRunState>> = { f: 'failed', k: 'skipped', u: 'upstream_failed' };
const FINAL: ReadonlySet<TaskRunState> = new Set([
  'success',
  'failed',
  'skipped',
  'upstream_failed',
  'cancelled',
]);

/** Not a try of its own: the same try goes on after them. */
const SAME_TRY =
  /^(Engine\.(NotReady|Busy)|Lambda\.(ServiceException|AWSLambdaException|SdkClientException|TooManyRequestsException))$/;

interface Entered {
  readonly startMs: number;
  endMs?: number;
  state: TaskRunState;
  readonly tries: Try[];
}

/** Takes the events of one run in order; may be asked at any time. */
export class Projector {
  readonly #manifest: Manifest;
  readonly #entered = new Map<string, Entered>();
  readonly #told = new Map<string, TaskRunState>();
  /** Task to whose state an event belongs, by event id. */
  readonly #owner = new Map<number, string>();
  readonly #order: readonly ManifestTask[];
  #state: RunState = 'running';

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
    this.#order = upstreamFirst(manifest.tasks);
  }

  apply(event: HistoryEvent): void {
    const { type } = event;
    if (type.endsWith('StateEntered')) this.#enter(event);
    else if (type.endsWith('StateExited')) this.#exit(event);
    else if (type.startsWith('Task')) this.#try(event);
    else if (type.startsWith('Execution')) this.#end(event);
  }

  runState(): RunState {
    return this.#state;
  }

  /** Every task of the DAG, in its order. */
  tasks(): readonly TaskRun[] {
    const runs = new Map<string, TaskRun>();
    for (const task of this.#order) runs.set(task.id, this.#runOf(task, runs));
    return this.#manifest.tasks.map(({ id }) => runs.get(id) ?? { id, state: 'none', tries: [] });
  }

  #enter({ id, timestampMs, details }: HistoryEvent): void {
    const task = this.#taskNamed(details);
    if (task === undefined) return;
    this.#owner.set(id, task);
    this.#entered.set(task, { startMs: timestampMs, state: 'running', tries: [] });
  }

  #exit({ timestampMs, details }: HistoryEvent): void {
    const data = parsed(details['output']);
    if (data) this.#listen(data);
    const task = this.#taskNamed(details);
    const entered = task === undefined ? undefined : this.#entered.get(task);
    if (task === undefined || entered === undefined) return;
    entered.endMs = timestampMs;
    entered.state = CODES[String(data?.[task])] ?? 'success';
  }

  #listen(data: JsonObject): void {
    for (const [id, code] of Object.entries(data)) {
      const state = typeof code === 'string' ? CODES[code] : undefined;
      if (state !== undefined) this.#told.set(id, state);
    }
  }

  #try({ id, previousEventId, timestampMs, type, details }: HistoryEvent): void {
    const task = this.#owner.get(previousEventId);
    const entered = task === undefined ? undefined : this.#entered.get(task);
    if (task === undefined || entered === undefined) return;
    this.#owner.set(id, task);
    const last = entered.tries.at(-1);
    if (type === 'TaskScheduled') {
      entered.state = 'running';
      if (last?.state !== 'running') entered.tries.push({ startMs: timestampMs, state: 'running' });
      return;
    }
    const error = String(details['error'] ?? (type === 'TaskTimedOut' ? 'States.Timeout' : ''));
    if (last === undefined || last.state !== 'running' || SAME_TRY.test(error)) return;
    const ended = endedTry(type, error, details);
    if (ended === undefined) return;
    entered.tries[entered.tries.length - 1] = { startMs: last.startMs, endMs: timestampMs, ...ended };
    entered.state = ended.state === 'failed' ? 'up_for_retry' : 'running';
  }

  #end({ type, timestampMs }: HistoryEvent): void {
    if (type === 'ExecutionStarted') return;
    const states: Readonly<Record<string, RunState>> = {
      ExecutionSucceeded: 'success',
      ExecutionAborted: 'cancelled',
    };
    this.#state = states[type] ?? 'failed';
    const cut = type === 'ExecutionAborted' ? ('cancelled' as const) : ('failed' as const);
    for (const entered of this.#entered.values()) {
      if (entered.endMs !== undefined) continue;
      entered.endMs = timestampMs;
      entered.state = cut;
      const last = entered.tries.at(-1);
      if (last?.state !== 'running') continue;
      const error = type === 'ExecutionTimedOut' ? { error: 'States.Timeout' } : {};
      entered.tries[entered.tries.length - 1] = { ...last, endMs: timestampMs, state: cut, ...error };
    }
  }

  #taskNamed(details: JsonObject): string | undefined {
    return this.#manifest.states[String(details['name'])]?.task;
  }

  #runOf(task: ManifestTask, above: ReadonlyMap<string, TaskRun>): TaskRun {
    const { id } = task;
    const entered = this.#entered.get(id);
    if (entered !== undefined) return { id, ...entered };
    const upstream = task.upstream.map((edge) => above.get(edge.task));
    const waitedFor = [...upstream, ...(task.heldBy ?? []).map((holder) => above.get(holder))];
    const final = waitedFor.every((run) => run !== undefined && FINAL.has(run.state));
    const state = this.#told.get(id) ?? follows(task, upstream);
    if (!final || state === undefined || upstream.length === 0) return { id, state: 'none', tries: [] };
    return { id, state, endMs: Math.max(...waitedFor.map((run) => run?.endMs ?? 0)), tries: [] };
  }
}

/** The state of a task that did not run and of which nothing was said. */
function follows(task: ManifestTask, upstream: readonly (TaskRun | undefined)[]): TaskRunState | undefined {
  if (task.triggerRule !== 'all_success') return undefined;
  const states = new Set(upstream.map((run) => run?.state));
  if (states.has('cancelled')) return undefined;
  if (states.has('failed') || states.has('upstream_failed')) return 'upstream_failed';
  return states.has('skipped') ? 'skipped' : undefined;
}

function endedTry(
  type: HistoryEvent['type'],
  error: string,
  details: JsonObject,
): Pick<Try, 'state' | 'error' | 'cause'> | undefined {
  if (type === 'TaskSucceeded') return { state: 'success' };
  if (type === 'TaskStateAborted') return { state: 'cancelled' };
  if (!/^Task(Failed|TimedOut|StartFailed|SubmitFailed)$/.test(type)) return undefined;
  const cause = typeof details['cause'] === 'string' ? { cause: details['cause'] } : {};
  return { state: error === 'SkipTask' ? 'skipped' : 'failed', error, ...cause };
}

function parsed(output: unknown): JsonObject | undefined {
  // Most state data is empty: nothing went wrong so far.
  if (typeof output !== 'string' || output.length < 3 || !output.startsWith('{')) return undefined;
  const data: unknown = JSON.parse(output);
  return isObject(data) ? data : undefined;
}

function upstreamFirst(tasks: readonly ManifestTask[]): readonly ManifestTask[] {
  return [...tasks].sort((a, b) => a.layout.column - b.layout.column);
}
