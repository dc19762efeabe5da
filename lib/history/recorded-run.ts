/** What a run recorded of its tasks, for a rerun of some of them. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RecordedOutput, Rerun } from '../model/run-input.ts';
import { markKey, moduleVariable, variable } from '../model/variables.ts';
import { Projector } from './project.ts';
import { RecordReader } from './record-reader.ts';
import type { RunEvent } from './run-event.ts';
import type { TaskRunState } from './task-run.ts';

/** By id of a task or module outside of any other module. */
export interface RecordedRun {
  readonly states: ReadonlyMap<string, TaskRunState>;
  /** What each that succeeded gave, as far as somebody read it. */
  readonly outputs: ReadonlyMap<string, JsonObject>;
  /** What branchers chose and short circuits cut, by their keys in the state data. */
  readonly marks: Readonly<Record<string, string>>;
  /** What was kept in its table, tasks inside modules included: a table of this machine does not outlive its run. */
  readonly records: readonly RecordedOutput[];
}

/** Reads a run's events; of a rerun, what did not run again is what the run `before` recorded. */
export function recordedRun(
  manifest: Manifest,
  events: readonly RunEvent[],
  before?: RecordedRun,
): RecordedRun {
  const projector = new Projector(manifest);
  const reader = new RecordedRunReader(manifest, before);
  for (const event of events) {
    projector.apply(event);
    reader.apply(event);
  }
  return reader.read(projector);
}

/** {@link recordedRun} for events that come one by one, beside their projector. */
export class RecordedRunReader {
  readonly #manifest: Manifest;
  readonly #outputs: OutputReader;
  readonly #records: RecordReader;

  constructor(manifest: Manifest, before?: RecordedRun) {
    this.#manifest = manifest;
    this.#outputs = new OutputReader(manifest, before);
    this.#records = new RecordReader(before?.records);
  }

  apply(event: RunEvent): void {
    this.#outputs.apply(event);
    this.#records.apply(event);
  }

  /** What was recorded so far; `projector` has had the same events. */
  read(projector: Pick<Projector, 'tasks' | 'modules'>): RecordedRun {
    const modules = new Set((this.#manifest.modules ?? []).map(({ id }) => id));
    const tasks = projector.tasks().filter(({ id }) => !modules.has(id));
    const top = topIds(this.#manifest);
    const states = [...tasks, ...projector.modules()]
      .filter(({ id }) => top.has(id))
      .map(({ id, state }) => [id, state] as const);
    const { outputs, marks } = this.#outputs;
    return { states: new Map(states), outputs, marks, records: this.#records.all() };
  }
}

/**
 * What is known before anything ran, for a first attempt that runs some tasks alone: the others count as if they had
 * succeeded, and gave nothing.
 */
export function nothingRecorded(manifest: Manifest): RecordedRun {
  const states = [...topIds(manifest)].map((id) => [id, 'success'] as const);
  return { states: new Map(states), outputs: new Map(), marks: {}, records: [] };
}

/** Ids of what stands in no module. */
export function topIds({ tasks, modules = [] }: Manifest): ReadonlySet<string> {
  return new Set([...tasks, ...modules].filter(({ module }) => module === undefined).map(({ id }) => id));
}

/** Finds outputs and marks in events. */
class OutputReader {
  readonly outputs: Map<string, JsonObject>;
  readonly marks: Record<string, string>;
  readonly #manifest: Manifest;
  readonly #markers: ReadonlyMap<string, string>;
  readonly #ids: ReadonlySet<string>;
  /** Task to whose state an event belongs, by execution and event id. */
  readonly #owner = new Map<string, string>();
  readonly #moduleOf: ReadonlyMap<string, string>;
  constructor(manifest: Manifest, before: RecordedRun | undefined) {
    this.#manifest = manifest;
    this.outputs = new Map(before?.outputs);
    this.marks = { ...before?.marks };
    this.#ids = topIds(manifest);
    this.#markers = new Map([...this.#ids].map((id) => [markKey(id), id]));
    const modules = (manifest.modules ?? []).filter(({ id }) => this.#ids.has(id));
    this.#moduleOf = new Map(modules.map(({ id }) => [moduleVariable('m', id), id]));
  }

  apply(event: RunEvent): void {
    const { type, details } = event;
    if (type === 'ExecutionStarted' && event.execution === undefined) this.#begin(parsed(details['input']));
    else if (type === 'TaskStateEntered' || type.startsWith('Task')) this.#task(event);
    if (type.endsWith('StateExited')) this.#exited(details);
  }

  /** What a rerun was told of the others; what it runs again is not what it was before. */
  #begin(input: JsonObject | undefined): void {
    const rerun = input?.['rerun'] as Rerun | undefined;
    if (rerun === undefined) return;
    const again = new Set(rerun.tasks);
    for (const id of again) {
      this.outputs.delete(id);
      delete this.marks[markKey(id)];
    }
    for (const [id, output] of Object.entries(rerun.outputs))
      if (!again.has(id)) this.outputs.set(id, output);
    for (const [key, mark] of Object.entries(rerun.data)) {
      const id = this.#markers.get(key);
      if (id !== undefined && !again.has(id)) this.marks[key] = mark;
    }
  }

  #task({ id, previousEventId, type, details, execution }: RunEvent): void {
    const at = (event: number) => `${execution ?? ''}:${event}`;
    if (type === 'TaskStateEntered') {
      const { task, module } = this.#manifest.states[String(details['name'])] ?? {};
      if (task !== undefined && module === undefined && this.#ids.has(task)) this.#owner.set(at(id), task);
      return;
    }
    const owner = this.#owner.get(at(previousEventId));
    if (owner === undefined) return;
    this.#owner.set(at(id), owner);
    const reply = type === 'TaskSucceeded' ? parsed(details['output'])?.['Payload'] : undefined;
    if (isObject(reply) && isObject(reply['out'])) this.outputs.set(owner, reply['out']);
  }

  #exited({ output, assignedVariables, name }: JsonObject): void {
    if (typeof output === 'string' && output.includes('>"')) this.#listen(parsed(output) ?? {});
    if (!isObject(assignedVariables)) return;
    const { task } = this.#manifest.states[String(name)] ?? {};
    for (const [variableName, text] of Object.entries(assignedVariables)) {
      const owner = this.#ownerOf(variableName, task);
      const value = owner === undefined ? undefined : parsed(text);
      if (owner !== undefined && value !== undefined) this.outputs.set(owner, value);
    }
  }

  /** Whose outputs a variable holds that a state assigns; `task`: whose own state it is. */
  #ownerOf(name: string, task: string | undefined): string | undefined {
    const module = this.#moduleOf.get(name);
    if (module !== undefined || task === undefined) return module;
    return this.#ids.has(task) && name === variable(task, 0) ? task : undefined;
  }

  #listen(data: JsonObject): void {
    for (const [key, mark] of Object.entries(data)) {
      if (this.#markers.has(key) && typeof mark === 'string') this.marks[key] = mark;
    }
  }
}

function parsed(text: Json | undefined): JsonObject | undefined {
  const value: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  return isObject(value) ? value : undefined;
}
