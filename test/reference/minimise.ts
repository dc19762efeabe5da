import { ancestorsOf } from './arbitrary.ts';
import type { Case, CaseTask } from './case.ts';

/** The smallest case found that still fails: tasks, edges and whatever else a task has are taken away one by one. */
export async function minimise(input: Case, fails: (input: Case) => Promise<boolean>): Promise<Case> {
  let smallest = input;
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const smaller of smallerThan(smallest)) {
      const candidate = consistent(smaller);
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      shrunk = true;
      break;
    }
  }
  return smallest;
}

/** A branch chooses among the tasks directly below it; what is read is above the reader, directly where an expression reads. */
function consistent(input: Case): Case {
  const { tasks } = input;
  const isBelow = (id: string, above: string) =>
    tasks.some((task) => task.id === id && task.upstream?.includes(above) === true);
  const fixed = tasks.map((task): CaseTask => {
    const { chooses, reads, ...rest } = task;
    const readable = (reads ?? []).filter((id) => readableBy(task, id, tasks));
    return {
      ...rest,
      ...(chooses === undefined ? {} : { chooses: chooses.filter((id) => isBelow(id, task.id)) }),
      ...(readable.length === 0 ? {} : { reads: readable }),
    };
  });
  return { ...input, tasks: fixed };
}

function readableBy(
  { id, expression, triggerRule }: CaseTask,
  read: string,
  tasks: readonly CaseTask[],
): boolean {
  if (!tasks.some((other) => other.id === read && !other.expression)) return false;
  if (expression)
    return triggerRule === undefined && tasks.some((task) => task.id === id && task.upstream?.includes(read));
  return ancestorsOf(id, tasks).includes(read);
}

/** Every case that is one step smaller, the big steps first. */
function* smallerThan(input: Case): Generator<Case> {
  const { tasks } = input;
  for (const { id } of tasks) if (tasks.length > 1) yield { ...input, tasks: without(tasks, id) };
  for (const [index, task] of tasks.entries()) {
    for (const simpler of simplerThan(task)) yield { ...input, tasks: tasks.with(index, simpler) };
  }
}

function without(tasks: readonly CaseTask[], id: string): readonly CaseTask[] {
  const rest = (ids: readonly string[] = []) => ids.filter((other) => other !== id);
  return tasks
    .filter((task) => task.id !== id)
    .map((task) => ({
      ...task,
      upstream: rest(task.upstream),
      ...(task.chooses === undefined ? {} : { chooses: rest(task.chooses) }),
      ...(task.setups === undefined ? {} : { setups: rest(task.setups) }),
    }))
    .map((task) => (task.setups?.length === 0 ? plain(task) : task));
}

function* simplerThan(task: CaseTask): Generator<CaseTask> {
  if (task.kind !== undefined) yield plain(task);
  for (const key of [
    'retries',
    'timeoutSec',
    'triggerRule',
    'outcome',
    'expression',
    'tries',
    'reads',
  ] as const) {
    const { [key]: gone, ...simpler } = task;
    if (gone !== undefined) yield simpler;
  }
  yield* shorterThan(task);
}

/** One retry rule, try, edge or second less. */
function* shorterThan(task: CaseTask): Generator<CaseTask> {
  const { retries = [], tries = [], upstream = [], durationSec = 1, setups = [] } = task;
  for (const index of retries.length > 1 ? retries.keys() : [])
    yield { ...task, retries: retries.toSpliced(index, 1) };
  for (const index of tries.length > 1 ? tries.keys() : [])
    yield { ...task, tries: tries.toSpliced(index, 1) };
  for (const id of upstream) {
    if (!setups.includes(id)) yield { ...task, upstream: upstream.filter((other) => other !== id) };
  }
  if (durationSec > 1) yield { ...task, durationSec: durationSec - 1 };
}

/** An ordinary task: what only its kind has is gone. */
function plain(task: CaseTask): CaseTask {
  const { kind, chooses, condition, respectTriggerRules, setups, failRun, expression, ...rest } = task;
  return rest;
}
