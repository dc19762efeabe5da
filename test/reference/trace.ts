/** What became of everything in a run, scope by scope, while and after it is worked out. */
import type { Json } from '../../lib/base/json.ts';
import type { FinalState } from './case.ts';
import type { Counters } from './instances.ts';
import type { Scope } from './scope.ts';

/** What became of a unit. */
export interface Fate {
  readonly state: FinalState;
  readonly endMs: number;
  readonly startMs?: number;
  /** When it might have started, had it not waited for places of a pool. */
  readonly readyMs?: number;
  readonly tries?: number;
  /** Of a task or loop that ended well. */
  readonly output?: Json;
  /** Of a brancher, in units of its scope. */
  readonly chooses?: readonly string[];
  /** Of a shortCircuit. */
  readonly condition?: boolean;
  /** Of a module that was entered, in order. */
  readonly instances?: readonly ScopeRun[];
  /** Of a rerun: not run, but told. */
  readonly recorded?: boolean;
}

/** One run of all that stands in a scope. */
export interface ScopeRun {
  readonly scope: Scope;
  readonly counters: Counters;
  readonly outer: ScopeRun | undefined;
  readonly startMs: number;
  /** Grows while the scope is worked out. */
  readonly fates: Map<string, Fate>;
  /** Of an instance of a map. */
  readonly item?: Json | undefined;
  /** Of an iteration of a loop: what the one before gave. */
  readonly previous?: Json;
}

export function fateIn({ fates }: ScopeRun, id: string): Fate {
  const fate = fates.get(id);
  if (fate === undefined) throw new Error(`nothing became of ${id}`);
  return fate;
}

/** When the last of it was final. */
export function endOf({ startMs, fates }: ScopeRun): number {
  return Math.max(startMs, ...[...fates.values()].map(({ endMs }) => endMs));
}

/** The state of an instance, a try or an iteration: by its leaves. */
export function stateOf(run: ScopeRun): 'success' | 'failed' | 'skipped' {
  const counted = run.scope.units.filter(({ kind, failRun }) => kind !== 'teardown' || failRun);
  const leaves = counted.filter(({ id }) => !counted.some(({ upstream }) => upstream.includes(id)));
  const states = leaves.map(({ id }) => fateIn(run, id).state);
  if (states.some(isBad)) return 'failed';
  return states.every((state) => state === 'skipped') ? 'skipped' : 'success';
}

export function isBad(state: FinalState | undefined): boolean {
  return state === 'failed' || state === 'upstream_failed';
}
