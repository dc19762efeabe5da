/** States of what stands in a scope, told by what was entered, what the data said, and what follows from both. */
import type { JsonObject } from '../base/json.ts';
import type { ModuleVisit, Scope } from './scope.ts';
import { CODES, FINAL, type Outcome, type TaskRunState, type Try } from './task-run.ts';
import type { Unit, Units } from './units.ts';

/** A state with the tries that led to it. */
export interface Settled extends Outcome {
  readonly tries: readonly Try[];
}

/** What has been seen of a run, and what it is read with. */
export interface Reading {
  readonly units: Units;
  readonly root: Scope;
  /** What of an earlier run is run again, and the codes of the rest. Absent: everything runs. */
  readonly rerun: { readonly tasks: ReadonlySet<string>; readonly data: JsonObject } | undefined;
  /** How the run ended, what it was doing included. Absent: it goes on. */
  readonly end: { readonly state: 'failed' | 'cancelled'; readonly ms: number } | undefined;
  /** Of scopes that ended: they change no more. */
  readonly settled: WeakMap<Scope, ReadonlyMap<string, Settled>>;
  /** Of the others, for this reading alone. */
  readonly now: WeakMap<Scope, ReadonlyMap<string, Settled>>;
}

export const NONE: Settled = { state: 'none', tries: [] };

/** Every task and module that stands in the scope, by id. */
export function settle(scope: Scope, reading: Reading): ReadonlyMap<string, Settled> {
  const known = reading.settled.get(scope) ?? reading.now.get(scope);
  if (known !== undefined) return known;
  const found = new Map<string, Settled>();
  // What is masked is final when the machine passes over it; where it never came there, when all above it is.
  const finalMs = new Map<string, number>();
  for (const unit of reading.units.in(scope.inside?.module)) {
    const run = entered(unit, scope, reading) ?? notRun(unit, scope, { found, finalMs });
    found.set(unit.id, run);
    const above = unit.upstream.map((edge) => finalMs.get(edge.task) ?? 0);
    const passedMs = scope.asked.get(unit.id) ?? Math.max(scope.startMs, ...above);
    finalMs.set(unit.id, run.masked ? passedMs : (run.endMs ?? 0));
  }
  (scope.endMs === undefined ? reading.now : reading.settled).set(scope, found);
  return found;
}

/** State of one instance of a module. */
export function instanceOutcome(scope: Scope, reading: Reading): Outcome {
  const { startMs, endMs } = scope;
  if (endMs !== undefined) return { state: scope.end ?? leavesState(scope, reading), startMs, endMs };
  if (reading.end === undefined) return { state: 'running', startMs };
  return { state: reading.end.state, startMs, endMs: reading.end.ms };
}

function entered(unit: Unit, scope: Scope, reading: Reading): Settled | undefined {
  const masked = maskedState(unit, scope, reading);
  if (masked !== undefined) return { state: masked, masked: true, tries: [] };
  if (unit.isModule) {
    const visit = scope.modules.get(unit.id);
    return visit && { ...moduleOutcome(visit, scope, reading), tries: [] };
  }
  const visit = scope.tasks.get(unit.id);
  if (visit === undefined) return queued(unit, scope, reading);
  const { state, startMs, endMs, tries } = visit;
  return endMs === undefined ? { state, startMs, tries } : { state, startMs, endMs, tries };
}

/** It is its turn, but places of its pool are not free. */
function queued({ id }: Unit, { queued: waiting, told }: Scope, { end }: Reading): Settled | undefined {
  return waiting.has(id) && !told.has(id) && end === undefined ? { state: 'queued', tries: [] } : undefined;
}

/** What runs no more is as it was; parts of a module run again as a whole. */
function maskedState({ id }: Unit, { inside }: Scope, { rerun }: Reading): TaskRunState | undefined {
  const isTop = inside === undefined || inside.module === '';
  if (rerun === undefined || !isTop || rerun.tasks.has(id)) return undefined;
  return CODES[String(rerun.data[id])] ?? 'success';
}

function moduleOutcome(visit: ModuleVisit, scope: Scope, reading: Reading): Outcome {
  const { id, endMs, scopes } = visit;
  const start = scopes.size === 0 ? {} : { startMs: visit.startMs };
  if (endMs !== undefined) {
    const last = [...scopes.values()].at(-1);
    const unsaid =
      visit.kind === 'map' || last === undefined ? 'success' : instanceOutcome(last, reading).state;
    return { state: scope.told.get(id) ?? unsaid, ...start, endMs };
  }
  if (reading.end === undefined) return { state: visit.isWaiting ? 'up_for_retry' : 'running', ...start };
  return { state: reading.end.state, ...start, endMs: reading.end.ms };
}

function leavesState(scope: Scope, reading: Reading): TaskRunState {
  const found = settle(scope, reading);
  const states = reading.units.leavesOf(scope.inside?.module ?? '').map((id) => found.get(id)?.state);
  if (states.some((state) => state === 'failed' || state === 'upstream_failed')) return 'failed';
  if (states.includes('cancelled')) return 'cancelled';
  return states.length > 0 && states.every((state) => state === 'skipped') ? 'skipped' : 'success';
}

interface Above {
  readonly found: ReadonlyMap<string, Settled>;
  /** When each was final. */
  readonly finalMs: ReadonlyMap<string, number>;
}

function notRun(unit: Unit, scope: Scope, { found, finalMs }: Above): Settled {
  const upstream = unit.upstream.map((edge) => edge.task);
  const waitedFor = [...upstream, ...(unit.heldBy ?? [])];
  const final = waitedFor.every((id) => FINAL.has(found.get(id)?.state ?? 'none'));
  const state =
    scope.told.get(unit.id) ??
    follows(
      unit,
      upstream.map((id) => found.get(id)),
    );
  if (!final || state === undefined) return NONE;
  return { state, endMs: Math.max(scope.startMs, ...waitedFor.map((id) => finalMs.get(id) ?? 0)), tries: [] };
}

/** The state of what did not run and of which nothing was said: the machine leaves out codes that nobody reads. */
function follows(unit: Unit, upstream: readonly (Settled | undefined)[]): TaskRunState | undefined {
  if (unit.triggerRule !== 'all_success') return undefined;
  const states = new Set(upstream.map((run) => run?.state));
  if (states.has('cancelled')) return undefined;
  if (states.has('failed') || states.has('upstream_failed')) return 'upstream_failed';
  return states.has('skipped') ? 'skipped' : undefined;
}
