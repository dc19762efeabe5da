/**
 * History events → task runs, their instances and their tries: one projector for live runs, ended runs and both places.
 *
 * What ran is told by the events of states named after tasks. What did not run is told by the codes in
 * the state data (`{ "load": "k" }`); of tasks under plain `all_success` the machine leaves out codes
 * nobody reads, and they follow from their upstream.
 */
import { isObject } from '../base/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Rerun } from '../model/run-input.ts';
import { moduleRun, runTries, taskRun } from './instances.ts';
import type { RunEvent } from './run-event.ts';
import type { Reading } from './settle.ts';
import type { ModuleRun, RunState, TaskRun } from './task-run.ts';
import { type Units, unitsOf } from './units.ts';
import { Walk } from './walk.ts';

export interface RunProjection {
  readonly state: RunState;
  /** Every task of the DAG, in its order. */
  readonly tasks: readonly TaskRun[];
  /** Every module of it, outer before inner. */
  readonly modules: readonly ModuleRun[];
}

/** Projects a whole history at once. */
export function project(manifest: Manifest, events: readonly RunEvent[]): RunProjection {
  const projector = new Projector(manifest);
  for (const event of events) projector.apply(event);
  return { state: projector.runState(), tasks: projector.tasks(), modules: projector.modules() };
}

/** Takes the events of one run, each execution's in their order; may be asked at any time. */
export class Projector {
  readonly #manifest: Manifest;
  readonly #units: Units;
  readonly #walk: Walk;
  readonly #settled: Reading['settled'] = new WeakMap();
  #rerun: Reading['rerun'];
  #state: RunState = 'running';
  #endMs = 0;

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
    this.#units = unitsOf(manifest);
    this.#walk = new Walk({ states: manifest.states, units: this.#units });
  }

  apply(event: RunEvent): void {
    this.#walk.apply(event);
    if (event.execution !== undefined || !event.type.startsWith('Execution')) return;
    if (event.type === 'ExecutionStarted') {
      this.#walk.root.startMs = event.timestampMs;
      this.#rerun = rerunIn(event.details['input']);
    } else {
      this.#state = ENDS[event.type] ?? 'failed';
      this.#endMs = event.timestampMs;
    }
  }

  runState(): RunState {
    return this.#state;
  }

  tasks(): readonly TaskRun[] {
    const reading = this.#reading();
    return this.#manifest.tasks.map(({ id, module }) => taskRun(id, module, reading));
  }

  /** Maps, group retries and loops; the run itself before them where all of it is tried again. */
  modules(): readonly ModuleRun[] {
    const { modules = [] } = this.#manifest;
    const reading = this.#reading();
    const runs = modules.map(({ id, kind, module }) => moduleRun({ id, kind, outer: module }, reading));
    const whole = runTries(reading);
    return whole === undefined ? runs : [whole, ...runs];
  }

  #reading(): Reading {
    const cut = this.#state === 'cancelled' ? 'cancelled' : 'failed';
    return {
      units: this.#units,
      root: this.#walk.root,
      rerun: this.#rerun,
      end: this.#state === 'running' ? undefined : { state: cut, ms: this.#endMs },
      settled: this.#settled,
      now: new WeakMap(),
    };
  }
}

const ENDS: Readonly<Partial<Record<RunEvent['type'], RunState>>> = {
  ExecutionSucceeded: 'success',
  ExecutionAborted: 'cancelled',
};

function rerunIn(input: unknown): Reading['rerun'] {
  if (typeof input !== 'string' || !input.includes('"rerun"')) return undefined;
  const given: unknown = JSON.parse(input);
  const rerun = isObject(given) ? given['rerun'] : undefined;
  return isRerun(rerun) ? { tasks: new Set(rerun.tasks), data: rerun.data } : undefined;
}

function isRerun(value: unknown): value is Rerun {
  return isObject(value) && Array.isArray(value['tasks']) && isObject(value['data']);
}
