import type { Case, CaseItem, CaseModule, CaseTask } from '../case.ts';
import { consistent, plain } from './consistent.ts';

/** The smallest case found that still fails: groups, tasks, edges and whatever else there is are taken away one by one. */
export async function minimise(input: Case, fails: (input: Case) => Promise<boolean>): Promise<Case> {
  let smallest = input;
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const smaller of smallerThan(smallest)) {
      const candidate = consistent(smaller);
      if (candidate.tasks.length === 0 || isSame(candidate, smallest) || !(await fails(candidate))) continue;
      smallest = candidate;
      shrunk = true;
      break;
    }
  }
  return smallest;
}

/** What is made whole again may be what it was. */
function isSame(a: Case, b: Case): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Every case that is one step smaller, the big steps first. */
function* smallerThan(input: Case): Generator<Case> {
  yield* withoutParts(input);
  yield* withoutGroups(input);
  const { tasks, modules = [], rerun = [] } = input;
  for (const index of tasks.keys()) yield { ...input, tasks: tasks.toSpliced(index, 1) };
  for (const [index, module] of modules.entries()) {
    for (const simpler of simplerModule(module)) yield { ...input, modules: modules.with(index, simpler) };
  }
  for (const [index, task] of tasks.entries()) {
    for (const simpler of simplerThan(task)) yield { ...input, tasks: tasks.with(index, simpler) };
  }
  for (const index of rerun.keys()) yield { ...input, rerun: rerun.toSpliced(index, 1) };
}

/** Without many tasks at once, a rerun, limits, retries of the run. */
function* withoutParts(input: Case): Generator<Case> {
  const { length } = input.tasks;
  for (let size = length >> 1; size > 1; size >>= 1) {
    for (let at = 0; at < length; at += size) yield { ...input, tasks: input.tasks.toSpliced(at, size) };
  }
  for (const key of ['rerun', 'limits', 'runRetries'] as const) {
    const { [key]: gone, ...simpler } = input;
    if (gone !== undefined) yield simpler;
  }
}

/** Without a group and all in it, or with its tasks in no group. */
function* withoutGroups(input: Case): Generator<Case> {
  const { tasks, modules = [] } = input;
  for (const [index, { id }] of modules.entries()) {
    const rest = modules.toSpliced(index, 1);
    yield { ...input, tasks: tasks.filter((task) => !task.id.startsWith(`${id}.`)), modules: rest };
    yield { ...input, modules: rest };
  }
}

function* simplerModule(module: CaseModule): Generator<CaseModule> {
  const { count = 0, upstream = [], retries, loop, list } = module;
  for (const key of ['triggerRule', 'concurrency', 'tolerate', 'list'] as const) {
    const { [key]: gone, ...simpler } = module;
    if (gone !== undefined) yield simpler;
  }
  for (const index of upstream.keys()) yield { ...module, upstream: upstream.toSpliced(index, 1) };
  if (count > 0) yield { ...module, count: count - 1 };
  if (list?.label) yield { ...module, list: { ...list, label: false } };
  if (retries !== undefined && retries.attempts > 0)
    yield { ...module, retries: { attempts: retries.attempts - 1, delaySec: 1 } };
  if (loop === undefined) return;
  const { initial, broken, bare, ...simple } = loop;
  if (initial !== undefined || broken || bare) yield { ...module, loop: simple };
  if (loop.maxIterations > 1) yield { ...module, loop: { ...loop, maxIterations: loop.maxIterations - 1 } };
}

function* simplerThan(task: CaseTask): Generator<CaseTask> {
  if (task.kind !== undefined) yield plain(task);
  const keys = [
    ...(['retries', 'timeoutSec', 'triggerRule', 'outcome', 'expression', 'tries', 'reads'] as const),
    ...(['around', 'runs', 'again', 'pool', 'list', 'concurrency', 'tolerate'] as const),
  ];
  for (const key of keys) {
    const { [key]: gone, ...simpler } = task;
    if (gone !== undefined) yield simpler;
  }
  yield* shorterThan(task);
}

/** One retry rule, try, edge, instance or second less. */
function* shorterThan(task: CaseTask): Generator<CaseTask> {
  const { upstream = [], durationSec = 1, setups = [] } = task;
  for (const key of ['retries', 'tries'] as const) {
    const { [key]: list = [] } = task;
    for (const index of list.length > 1 ? list.keys() : [])
      yield { ...task, [key]: list.filter((_, other) => other !== index) };
  }
  for (const key of ['items', 'runs'] as const) {
    for (const shorter of shorterList(task[key] ?? [])) yield { ...task, [key]: shorter };
  }
  for (const id of upstream.filter((above) => !setups.includes(above)))
    yield { ...task, upstream: upstream.filter((other) => other !== id) };
  if (durationSec > 1) yield { ...task, durationSec: durationSec - 1 };
}

function* shorterList(items: readonly CaseItem[]): Generator<readonly CaseItem[]> {
  for (const index of items.length > 1 ? items.keys() : []) yield items.toSpliced(index, 1);
  for (const [index, item] of items.entries()) {
    const last = item.tries?.at(-1);
    if (last !== undefined) yield items.with(index, { outcome: last.outcome, durationSec: 1 });
  }
}
