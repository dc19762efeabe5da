import type { Case, CaseResult, TaskResult } from './case.ts';
import { keyOf } from './instances.ts';
import { endOf, type Fate, fateIn, type ScopeRun, stateOf } from './trace.ts';

/** What became of a run, as the shared format has it; of one that was retried, its last try. */
export function resultOf(
  input: Case,
  runs: readonly ScopeRun[],
  runState: CaseResult['runState'],
): CaseResult {
  const last = runs.at(-1);
  if (last === undefined) throw new Error('there is no run');
  const tasks = input.tasks.filter(({ id }) => last.fates.has(id));
  const inner = Object.fromEntries([...modulesOf(input, last), ...runs.flatMap((run) => [...innerOf(run)])]);
  return {
    runState,
    endSec: endOf(last) / 1000,
    tasks: Object.fromEntries(tasks.map(({ id }) => [id, taskOf(fateIn(last, id))])),
    ...(Object.keys(inner).length === 0 ? {} : { inner }),
  };
}

type Entry = readonly [string, TaskResult];

/** Groups of the top scope. */
function modulesOf({ tasks }: Case, run: ScopeRun): readonly Entry[] {
  const groups = run.scope.units.filter(
    ({ id, module }) => module !== undefined && !tasks.some((task) => task.id === id),
  );
  return groups.flatMap(({ id }) => groupOf(id, fateIn(run, id), tasks));
}

/** Tasks in one without instances have its state. */
function groupOf(id: string, fate: Fate, tasks: Case['tasks']): readonly Entry[] {
  const own: Entry = [id, timesOf(fate)];
  if (fate.recorded || (fate.instances?.length ?? 0) > 0) return [own];
  const inside = tasks.filter((task) => task.id.startsWith(`${id}.`));
  return [own, ...inside.map((task): Entry => [task.id, timesOf(fate)])];
}

function taskOf(fate: Fate): TaskResult {
  const { instances, tries, recorded } = fate;
  if (recorded) return timesOf(fate);
  return {
    ...timesOf(fate),
    ...(tries === undefined ? {} : { tries }),
    ...(instances === undefined ? {} : { items: instances.map(stateOf) }),
  };
}

function timesOf({ state, startMs, endMs, recorded }: Fate): TaskResult {
  if (recorded) return { state };
  return { state, ...(startMs === undefined ? {} : { startSec: startMs / 1000 }), endSec: endMs / 1000 };
}

/** Instances of modules of a scope and all inside; of a scope that is in instances itself also its tasks. */
function* innerOf(run: ScopeRun): Generator<Entry> {
  const { scope, fates, counters } = run;
  for (const { id, module } of scope.units) {
    const fate = fates.get(id);
    // What is told of an earlier run has its instances there.
    if (fate === undefined || fate.recorded) continue;
    if (module === undefined && counters.length > 0) yield [keyOf(id, counters), taskOf(fate)];
    for (const instance of fate.instances ?? []) yield* instanceOf(id, instance);
  }
}

/** An instance of a mapped task is its task. */
function* instanceOf(id: string, instance: ScopeRun): Generator<Entry> {
  const { startMs, counters, fates } = instance;
  if (!fates.has(id)) {
    yield [keyOf(id, counters), timesOf({ state: stateOf(instance), startMs, endMs: endOf(instance) })];
  }
  yield* innerOf(instance);
}
