/** Whether tasks were given the right values: each says by its output who gave it. */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../lib/base/json.ts';
import type { TaskEvent } from '../../lib/model/run-input.ts';
import type { CaseModule } from './case.ts';
import { keyOf } from './instances.ts';
import { ancestor, aroundSeen, mapsLeft, readSeen } from './outputs.ts';
import type { Evaluation } from './reference.ts';
import { commonDepth, type Nesting, unitIn } from './scope.ts';
import { type Fate, fateIn, type ScopeRun } from './trace.ts';

/** What a task was given although it could not be, or not given although it was there; `undefined` when all is well. */
export function misread({ nesting, runs }: Evaluation, tries: readonly TaskEvent[]): string | undefined {
  const byKey = new Map(runs.flatMap((run) => [...tasksIn(run)]));
  return tries.flatMap((event) => {
    const key = event.instance === undefined ? event.task : `${event.task}#${event.instance}`;
    const run = byKey.get(key);
    return run === undefined ? [`${key} ran`] : misreads(event, run, nesting);
  })[0];
}

/** The scope in which each task ran, by task run. */
function* tasksIn(run: ScopeRun): Generator<readonly [string, ScopeRun]> {
  for (const { id, module } of run.scope.units) {
    const fate = run.fates.get(id);
    if (fate === undefined || fate.recorded) continue;
    if (module === undefined) yield [keyOf(id, run.counters), run];
    for (const instance of fate.instances ?? []) yield* tasksIn(instance);
  }
}

function misreads(event: TaskEvent, run: ScopeRun, nesting: Nesting): readonly string[] {
  const task = nesting.task(event.task);
  const { args = {} } = event;
  const given = (name: string) => (Object.hasOwn(args, name) ? args[name] : undefined);
  const where = `${keyOf(event.task, run.counters)} try ${event.try}`;
  const reads = (task.reads ?? []).flatMap((read) => {
    const seen = readSeen(nesting, run, read);
    const there = seen === undefined ? 'no' : isThere(event.task, read, run, nesting);
    const got = given(read);
    const isRight = got === undefined ? there !== 'yes' : there !== 'no' && isDeepStrictEqual(got, seen);
    return isRight ? [] : [`${where} reads ${read}: there ${there}, ${textOf(seen)}, got ${textOf(got)}`];
  });
  const around = task.around ? Object.entries(aroundSeen(run)) : [];
  const wrong = around.filter(([name, value]) => !isDeepStrictEqual(given(name), value));
  const about = wrong.map(
    ([name, value]) => `${where} reads ${name}: ${textOf(value)}, got ${textOf(given(name))}`,
  );
  return [...reads, ...about, ...misnamed(event, run, nesting).map((problem) => `${where} ${problem}`)];
}

/** Whether the output was there when the reader started; `maybe` where both happened at once, or since then. */
function isThere(reader: string, read: string, run: ScopeRun, nesting: Nesting): 'yes' | 'maybe' {
  const depth = commonDepth(nesting.around(reader), nesting.around(read));
  const scope = ancestor(run, depth);
  const [upper, lower] = [unitIn(nesting, depth, read), unitIn(nesting, depth, reader)];
  const { endMs } = fateIn(scope, upper);
  if (endMs < startOf(fateIn(scope, lower))) return 'yes';
  const unit = scope.scope.units.find(({ id }) => id === lower);
  return unit?.upstream.includes(upper) && !EARLY.has(unit.triggerRule) ? 'yes' : 'maybe';
}

/** When it took what it reads: before it waited for a pool, which may be long. */
function startOf({ readyMs, startMs = 0 }: Fate): number {
  return readyMs ?? startMs;
}

const EARLY: ReadonlySet<string> = new Set(['one_success', 'one_failed', 'one_done', 'always']);

/** Place and name that the innermost map gives. */
function misnamed(event: TaskEvent, run: ScopeRun, nesting: Nesting): readonly string[] {
  // Nobody tells an engine.
  if (nesting.task(event.task).engine) return [];
  const around = nesting.around(event.task);
  const map = around.findLast(({ kind }) => kind === 'map');
  const seen = aroundSeen(run);
  const index = map && seen[`index ${map.id}`];
  const label = map?.list?.label ? labelOf(nesting, map, seen[`item ${map.id}`]) : undefined;
  return [
    ...(isDeepStrictEqual(event.mapIndex, index)
      ? []
      : [`is at ${textOf(index)}, told ${textOf(event.mapIndex)}`]),
    ...(label === undefined || event.label === label
      ? []
      : [`is called ${label}, told ${textOf(event.label)}`]),
  ];
}

/** What tells an item from others: the items of a list of outputs are outputs. */
function labelOf(nesting: Nesting, { id, list }: CaseModule, item: Json | undefined): string | undefined {
  const outside = nesting.around(id).filter((module) => module.id !== id);
  const isOutput = list?.task !== undefined && mapsLeft(nesting, outside, list.task) > 0;
  const path = isOutput ? ['deep', 'id'] : ['id'];
  const found = path.reduce<unknown>(
    (value, key) => (value instanceof Object ? Reflect.get(value, key) : undefined),
    item,
  );
  return typeof found === 'string' ? found : undefined;
}

function textOf(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
