import { isObject, type Json } from '../lib/base/json.ts';
import { VirtualClock } from '../lib/base/virtual-clock.ts';
import { type Compiled, compile } from '../lib/compiler/compile.ts';
import { objectOf } from '../lib/engines/sync.ts';
import { recordedRun } from '../lib/history/recorded-run.ts';
import { recordsKept, rerunOf } from '../lib/history/rerun.ts';
import type { RunEvent } from '../lib/history/run-event.ts';
import { type Simulation, simulate } from '../lib/local/simulate.ts';
import type { SimulatedOutcome, SimulatedTask } from '../lib/local/simulated.ts';
import type { RecordedOutput, Rerun, TaskEvent } from '../lib/model/run-input.ts';
import { build, dagOf, RUN_START_MS } from './build.ts';
import type { Case, CaseResult, FinalState, TaskResult } from './reference/case.ts';
import { poolProblem } from './reference/pools.ts';
import { type Evaluation, evaluate } from './reference/reference.ts';
import type { ScopeRun } from './reference/trace.ts';
import { misread } from './reference/values.ts';

/** Compiles a case, executes it in virtual time and says what every task did. */
export function simulateCase(input: Case): Promise<CaseResult> {
  return simulateCompiled(compileCase(input), input);
}

export function compileCase(input: Case): Compiled {
  const { limits } = input;
  return compile(dagOf(input), limits === undefined ? {} : { limits });
}

/**
 * The same for a machine that is compiled already.
 *
 * @throws {Error} when the machine died of something that no task did, or a task was given a wrong value
 */
export async function simulateCompiled(compiled: Compiled, input: Case): Promise<CaseResult> {
  const { got, wrong } = await judge(compiled, input);
  if (wrong !== undefined) throw new Error(wrong);
  return got;
}

export interface Judged {
  readonly got: CaseResult;
  /** What the reference expects, given who was first at pools. */
  readonly evaluation: Evaluation;
  /** A value that a task was wrongly given, or a place in a pool. */
  readonly wrong: string | undefined;
  /** Of a case with a rerun. */
  readonly events: readonly RunEvent[];
}

/** Executes a machine and says what it did and what it should have done. */
export function judge(compiled: Compiled, input: Case): Promise<Judged> {
  return judged(compiled, input, {});
}

/** The same for the machine of reruns, given the run that some of it runs again of, and that run's manifest. */
export function judgeRerun(
  compiled: Compiled,
  input: Case,
  first: Judged,
  manifest = compiled.manifest,
): Promise<Judged> {
  const told = recordedRun(manifest, first.events);
  const rerun = rerunOf(dagOf(input), told, input.rerun ?? []);
  return judged(compiled, input, {
    rerun,
    records: recordsKept(told, rerun.tasks),
    recorded: first.evaluation.run,
  });
}

/** Of a rerun: what it is told, and the run that it is of. */
interface Again {
  readonly rerun?: Rerun;
  readonly records?: readonly RecordedOutput[];
  readonly recorded?: ScopeRun;
}

async function judged(
  compiled: Compiled,
  input: Case,
  { rerun, records = [], recorded }: Again,
): Promise<Judged> {
  const { script, params } = build(input, rerun !== undefined);
  const clock = new VirtualClock(RUN_START_MS);
  const tries: TaskEvent[] = [];
  const grants = new Map<string, number>();
  const onTry = (event: TaskEvent) => {
    tries.push(asFunction(event));
    const key = event.instance === undefined ? event.task : `${event.task}#${event.instance}`;
    if (!grants.has(key)) grants.set(key, clock.now() - RUN_START_MS);
  };
  const keepEvents = input.rerun !== undefined;
  const options = { params, keepEvents, clock, onTry, ...(rerun === undefined ? {} : { rerun, records }) };
  const simulation = await simulate(compiled, script, options);
  const evaluation = evaluate(input, { grants, ...(recorded === undefined ? {} : { recorded }) });
  const got = withoutEmpty(resultOf(simulation, input), evaluation.result);
  const wrong = misread(evaluation, tries) ?? poolProblem(input, evaluation.requests);
  return { got, evaluation, wrong, events: simulation.events };
}

/** What an engine was sent, as a function would have got it: what other engines gave stands in an envelope. */
function asFunction(event: TaskEvent): TaskEvent {
  const { args = {}, engine } = event;
  const given = engine === 'stepFunctions.startExecution' ? args['input'] : args;
  return { ...event, args: objectOf(unwrapped(given ?? {})) };
}

function unwrapped(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => unwrapped(item));
  if (!isObject(value)) return value;
  if (value['status'] === 'SUCCEEDED' && value['output'] !== undefined) return unwrapped(value['output']);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, unwrapped(item)]])),
  );
}

/**
 * What a run did, as the shared format has it.
 *
 * @throws {Error} when the machine died of something that no task did
 */
export function resultOf(simulation: Simulation, input: Case): CaseResult {
  const { status, state, error, cause, tasks, modules, endSec } = simulation;
  const died = status !== 'SUCCEEDED' && error !== 'DagRun.Failed';
  if (died) throw new Error(`execution ${status}: ${error}: ${cause}`);
  if ((status === 'SUCCEEDED') !== (state === 'success'))
    throw new Error(`execution ${status}, run ${state}`);
  const mapped = new Set(input.tasks.flatMap(({ id, kind }) => (kind === 'map' ? [id] : [])));
  // Of a run that was tried again, the last try.
  const { instances = {} } = modules[''] ?? {};
  const last = Object.keys(instances).at(-1);
  const isLast = (counters: string) => last === undefined || counters.startsWith(`${last}.`);
  const top = Object.entries(tasks).filter(([id]) => !isInside(id, input));
  const inner = Object.fromEntries([...modulesOf(simulation, input, isLast), ...instancesOf(simulation)]);
  return {
    runState: state === 'success' ? 'success' : 'failed',
    endSec,
    tasks: Object.fromEntries(
      top.map(([id, task]) => [id, mapped.has(id) ? mappedOf(id, simulation, isLast) : taskOf(task)]),
    ),
    ...(Object.keys(inner).length === 0 ? {} : { inner }),
  };
}

type Entry = readonly [string, TaskResult];

function isInside(id: string, { modules = [] }: Case): boolean {
  return modules.some((module) => module.kind !== 'group' && id.startsWith(`${module.id}.`));
}

/** Groups of the top scope; tasks in one without instances have a state all the same. */
function* modulesOf(
  { tasks, modules }: Simulation,
  input: Case,
  isLast: (counters: string) => boolean,
): Generator<Entry> {
  for (const [id, module] of Object.entries(modules)) {
    if (id === '' || Object.hasOwn(tasks, id) || isInside(id, input)) continue;
    yield [id, outcomeOf(module)];
    // What a rerun is only told has ended nowhere.
    if (module.endSec === undefined || Object.keys(module.instances).some(isLast)) continue;
    for (const [task, run] of Object.entries(tasks)) {
      if (task.startsWith(`${id}.`)) yield [task, taskOf(run)];
    }
  }
}

/** Whatever ran in instances, by id and counters. */
function* instancesOf({ tasks, modules }: Simulation): Generator<Entry> {
  for (const [id, { instances }] of Object.entries(modules)) {
    if (id === '') continue;
    for (const [counters, instance] of Object.entries(instances))
      yield [`${id}#${counters}`, outcomeOf(instance)];
  }
  for (const [id, { instances = {} }] of Object.entries(tasks)) {
    for (const [counters, task] of Object.entries(instances)) yield [`${id}#${counters}`, taskOf(task)];
  }
}

function mappedOf(
  id: string,
  { tasks, modules }: Simulation,
  isLast: (counters: string) => boolean,
): TaskResult {
  const [task, module] = [tasks[id], modules[id]];
  if (task === undefined || module === undefined)
    throw new Error(`nothing is told of the instances of ${id}`);
  const instances = Object.entries(module.instances).filter(([counters]) => isLast(counters));
  const items = instances.map(([, { state }]) => stateOf(state));
  const { tries: _none, ...whole } = taskOf(task);
  return whole.endSec === undefined ? whole : { ...whole, items };
}

/** Nothing tells a map over an empty list from one that was not entered: both have ended without an instance. */
function withoutEmpty(got: CaseResult, expected: CaseResult): CaseResult {
  const tasks = Object.entries(got.tasks).map(([id, task]) => {
    if (task.items?.length !== 0 || expected.tasks[id]?.items !== undefined) return [id, task] as const;
    const { items: _none, ...rest } = task;
    return [id, rest] as const;
  });
  return { ...got, tasks: Object.fromEntries(tasks) };
}

function taskOf(task: SimulatedTask): TaskResult {
  return { ...outcomeOf(task), ...(task.tries === 0 ? {} : { tries: task.tries }) };
}

function outcomeOf({ state, startSec, endSec }: SimulatedOutcome): TaskResult {
  return {
    state: stateOf(state),
    ...(startSec === undefined ? {} : { startSec }),
    ...(endSec === undefined ? {} : { endSec }),
  };
}

function stateOf(state: SimulatedOutcome['state']): FinalState {
  return state as FinalState;
}
