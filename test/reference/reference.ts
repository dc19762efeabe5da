/**
 * The rules of a run, a second time: written from the semantics alone, never from the compiler, so that the
 * two can be compared. A run is a list of instants at which tasks and modules become final; each looks at them in order.
 *
 * Where the semantics are silent, these readings are taken:
 * - what is read inside a module is upstream of the module, as what its tasks depend on is; a mapped task is a module;
 * - a map over an empty list gives an empty list; one over no list, or a longer one than `maxItems`, fails at the
 *   instant it would start and gives nothing;
 * - a failed map, group or loop still lets its tasks' outputs be read: of a map all, of the others the last ones;
 *   what a loop itself gives is there only where it ended well;
 * - a run with retries runs again while its own state is failed, by `runState`;
 * - pools serve in the order asked, nobody overtakes one who needs more places;
 * - a sensor's time is over at the end of the first look that finds nothing when it is; that is never retried;
 * - what a rerun does not run again is final once all above it is; see `toldOf` for early rules.
 */
import type { Case, CaseResult, CaseTask, FinalState } from './case.ts';
import { type Counters, itemOf, keyOf, outputOf } from './instances.ts';
import { type Given, runModule } from './modules.ts';
import { type Grants, type PoolRequest, requestOf } from './pools.ts';
import { resultOf } from './result.ts';
import { commonDepth, type Nesting, nestingOf, type Scope, scopeOf, type Unit, unitIn } from './scope.ts';
import type { Final } from './shape.ts';
import { endOf, type Fate, fateIn, isBad, type ScopeRun } from './trace.ts';
import { attempt, delaySec, toMs } from './tries.ts';
import { verdict } from './verdict.ts';

export interface Evaluation {
  readonly result: CaseResult;
  readonly nesting: Nesting;
  /** What stands in the DAG itself, in its last try. */
  readonly run: ScopeRun;
  /** All times the run was gone through: several where it is retried. */
  readonly runs: readonly ScopeRun[];
  /** Of every task run with a pool. */
  readonly requests: readonly PoolRequest[];
}

/** What is known besides the case. */
export interface Known {
  /** When tasks got their places of pools: who is first among equals is nobody's rule. Absent: at once. */
  readonly grants?: Grants;
  /** The run whose tasks are to run again: those of `rerun`. */
  readonly recorded?: ScopeRun;
}

/** Every task's state, start, end and tries, and the run's, with unlimited workers and no overhead. */
export function reference(input: Case): CaseResult {
  return evaluate(input).result;
}

export function evaluate(input: Case, { grants = new Map(), recorded }: Known = {}): Evaluation {
  const nesting = nestingOf(input);
  const scope = scopeOf(input, nesting);
  const requests: PoolRequest[] = [];
  const world: World = {
    nesting,
    grants,
    requests,
    again: recorded !== undefined,
    told: (id) => (recorded === undefined || input.rerun?.includes(id) ? undefined : fateIn(recorded, id)),
  };
  const runs = runsOf(input, scope, world);
  const run = runs.at(-1);
  if (run === undefined) throw new Error('a run is gone through at least once');
  return { nesting, run, runs, requests, result: resultOf(input, runs, runStateIn(input, run)) };
}

/** What a rule may ask for besides what became of others. */
interface World {
  readonly nesting: Nesting;
  readonly grants: Grants;
  /** Grows. */
  readonly requests: PoolRequest[];
  /** The tasks run a second time. */
  readonly again: boolean;
  /** What is told of a unit of the DAG that is not to run again. */
  readonly told: (id: string) => Fate | undefined;
}

/** The run, and again while it fails and may be retried. */
function runsOf(input: Case, scope: Scope, world: World): readonly ScopeRun[] {
  const { runRetries } = input;
  if (runRetries === undefined)
    return [runScope(scope, { startMs: 0, counters: [], outer: undefined }, world)];
  const runs: ScopeRun[] = [];
  for (let startMs = 0, tries = 1; ; tries++) {
    const run = runScope(scope, { startMs, counters: [tries], outer: undefined }, world);
    runs.push(run);
    if (runStateIn(input, run) === 'success' || tries > runRetries.attempts) return runs;
    startMs = endOf(run) + toMs(delaySec(runRetries, tries));
  }
}

/** Everything in a scope, from an instant on. */
function runScope(scope: Scope, start: Omit<ScopeRun, 'scope' | 'fates'>, world: World): ScopeRun {
  const run: ScopeRun = { ...start, scope, fates: new Map() };
  for (const unit of scope.shape.order) run.fates.set(unit.id, fateOf(unit, run, world));
  return run;
}

/** Goes through the instants at which something the unit looks at became final, until one decides it. */
function fateOf(unit: Unit, scopeRun: ScopeRun, world: World): Fate {
  const { upstream } = unit;
  const { shape, depth } = scopeRun.scope;
  const told = depth === 0 ? world.told(unit.id) : undefined;
  if (told !== undefined) return toldOf(told, unit, scopeRun);
  if (upstream.length === 0) return run(unit, scopeRun.startMs, scopeRun, world);
  const holders = shape.holders(unit.id);
  const instants = [...new Set([...upstream, ...holders].map((id) => fateIn(scopeRun, id).endMs))];
  for (const nowMs of [scopeRun.startMs, ...instants.sort((a, b) => a - b)]) {
    const final: Final = (id) => {
      const { state, endMs } = fateIn(scopeRun, id);
      return endMs <= nowMs ? state : undefined;
    };
    const isHeld = holders.some((id) => final(id) === undefined);
    const decision = isHeld ? 'wait' : decide(unit, scopeRun, final);
    if (decision === 'run') return run(unit, nowMs, scopeRun, world);
    if (decision !== 'wait') return { state: decision, endMs: nowMs };
  }
  throw new Error(`${unit.id} is never decided`);
}

/**
 * What is not to run again says what it said once all above it is final. With an early rule and several above it, it
 * says so as soon as what holds it is final: what it says can change no more (our reading, as the semantics are silent
 * here).
 */
function toldOf(told: Fate, unit: Unit, scopeRun: ScopeRun): Fate {
  const { startMs, tries, ...rest } = told;
  const { shape } = scopeRun.scope;
  const holders = shape.holders(unit.id);
  const isEarly = isEarlyRule(unit.triggerRule, unit.upstream.length);
  const ends = (isEarly ? holders : unit.upstream).map((id) => fateIn(scopeRun, id).endMs);
  return { ...rest, endMs: Math.max(scopeRun.startMs, ...ends), recorded: true };
}

/** With one task above nothing is early but `always`. */
function isEarlyRule(rule: string, upstream: number): boolean {
  return EARLY.has(rule) && upstream > (rule === 'always' ? 0 : 1);
}

const EARLY: ReadonlySet<string> = new Set(['one_success', 'one_failed', 'one_done', 'always']);

function decide(unit: Unit, scopeRun: ScopeRun, final: Final): FinalState | 'run' | 'wait' {
  const { shape } = scopeRun.scope;
  const done = unit.upstream.every((id) => final(id) !== undefined);
  const found = (id: string) => {
    const { chooses = [], condition = true } = fateIn(scopeRun, id);
    return { chooses, condition };
  };
  const isCut = shape.cut(unit.id, final, found);
  const barred = isCut ? 'skipped' : guarded(shape.guards(unit.id), final);
  if (barred !== undefined) return done ? barred : 'wait';
  return verdict(unit.triggerRule, unit.upstream.map(final), unit.setups.map(final));
}

/** Work between a setup that is not directly above it and its teardown shares the setup's fate. */
function guarded(setups: readonly string[], final: Final): 'upstream_failed' | 'skipped' | undefined {
  const states = setups.map(final);
  if (states.some(isBad)) return 'upstream_failed';
  return states.includes('skipped') ? 'skipped' : undefined;
}

function run({ id, task, module, scope }: Unit, startMs: number, outer: ScopeRun, world: World): Fate {
  if (task !== undefined) return runTask(task, startMs, outer, world);
  if (module === undefined || scope === undefined) throw new Error(`${id} is neither task nor module`);
  const instance = (counter: number, atMs: number, given: Given = {}) =>
    runScope(scope, { startMs: atMs, counters: [...outer.counters, counter], outer, ...given }, world);
  return runModule({ module, nesting: world.nesting, outer, startMs, instance });
}

function runTask(task: CaseTask, startMs: number, scopeRun: ScopeRun, world: World): Fate {
  const { counters } = scopeRun;
  const item = itemOf(task, counters, world.again);
  const { chooses = task.chooses ?? [], condition = task.condition ?? true } = item;
  const went = goneThrough(task, startMs, counters, world);
  return {
    ...went,
    ...(went.state === 'success' ? { output: outputOf(world.nesting, task.id, counters, world.again) } : {}),
    chooses: unitsChosen(task, chooses, world.nesting),
    condition,
  };
}

function goneThrough(task: CaseTask, readyMs: number, counters: Counters, world: World): Fate {
  // What the machine itself decides or waits for has no tries.
  if (task.expression) return { state: 'success', startMs: readyMs, endMs: readyMs };
  if (task.kind === 'at') {
    return { state: 'success', startMs: readyMs, endMs: Math.max(readyMs, toMs(task.atSec ?? 0)) };
  }
  const key = keyOf(task.id, counters);
  const startMs = task.pool === undefined ? readyMs : (world.grants.get(key) ?? readyMs);
  const went = attempt(task, itemOf(task, counters, world.again), startMs);
  if (task.pool !== undefined) world.requests.push(requestOf(key, task.pool, readyMs, went));
  return { ...went, readyMs };
}

/** Choices among tasks inside modules are choices of the modules; what is outside the brancher's scope it does not choose. */
function unitsChosen({ id }: CaseTask, chooses: readonly string[], nesting: Nesting): readonly string[] {
  const path = nesting.around(id);
  const inScope = chooses.filter((target) => commonDepth(path, nesting.around(target)) === path.length);
  return [...new Set(inScope.map((target) => unitIn(nesting, path.length, target)))];
}

/** The leaves decide, or every task and module; teardowns without `failRun` are as if they were not there. */
function runStateIn({ runState }: Case, { scope, fates }: ScopeRun): 'success' | 'failed' {
  const counted = scope.units.filter(({ kind, failRun }) => kind !== 'teardown' || failRun);
  const isLeaf = ({ id }: Unit) => !counted.some(({ upstream }) => upstream.includes(id));
  const deciding = runState === 'leaves' ? counted.filter(isLeaf) : counted;
  return deciding.some(({ id }) => isBad(fates.get(id)?.state)) ? 'failed' : 'success';
}
