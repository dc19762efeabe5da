/** A case of which something was taken away, made whole: nothing names what is not there, or may not be named. */
import { isEarly, TRIGGER_RULES } from '../../../lib/model/trigger-rule.ts';
import type { Case, CaseList, CaseModule, CaseTask } from '../case.ts';
import { mapAround } from '../instances.ts';
import { isLoop, mapsLeft } from '../outputs.ts';
import { commonDepth, type Nesting, nestingOf } from '../scope.ts';
import { ancestorsOf, closed, gives, givesAcross } from './assemble-values.ts';

export function consistent(input: Case): Case {
  const known = withKnownIds(input);
  const kinds = { ...known, tasks: known.tasks.map((task) => ofItsKind(task, known)) };
  const nesting = nestingOf(kinds);
  const listed: Case = {
    ...kinds,
    tasks: kinds.tasks.map((task) =>
      task.list === undefined ? task : { ...task, ...listOf(task, kinds, nesting) },
    ),
    modules: (kinds.modules ?? []).map((module) => ({
      ...module,
      ...listOf(module, kinds, nesting),
      ...retriesOf(module, nesting),
      ...loopOf(module, kinds, nesting),
    })),
  };
  const read = { ...listed, tasks: listed.tasks.map((task) => withReadable(task, listed)) };
  const { rerun, pools = [], modules = [], ...rest } = read;
  const used = pools.filter(({ name }) => read.tasks.some(({ pool }) => pool?.name === name));
  const top = (rerun ?? []).filter(
    (id) => isKnown(id, read) && nesting.around(id).every((module) => module.id === id),
  );
  return {
    ...rest,
    ...(modules.length === 0 ? {} : { modules }),
    ...(used.length === 0 ? {} : { pools: used }),
    ...(rerun === undefined ? {} : { rerun: closed(top, read) }),
  };
}

function isKnown(id: string, { tasks, modules = [] }: Case): boolean {
  return tasks.some((task) => task.id === id) || isModule(id, modules);
}

function isModule(id: string, modules: readonly CaseModule[]): boolean {
  return modules.some((module) => module.id === id && module.kind !== 'group');
}

/** Edges lead to tasks and modules that are there and not around; modules without a task are none. */
function withKnownIds(input: Case): Case {
  const full = (input.modules ?? []).filter(({ id }) =>
    input.tasks.some((task) => task.id.startsWith(`${id}.`)),
  );
  const known = { ...input, modules: full };
  const rest = (ids: readonly string[] | undefined, self: string) =>
    (ids ?? []).filter((id) => isKnown(id, known) && !self.startsWith(`${id}.`));
  return {
    ...known,
    tasks: known.tasks.map((task) => ({ ...task, upstream: rest(task.upstream, task.id) })),
    modules: full.map((module) =>
      module.upstream === undefined ? module : { ...module, upstream: rest(module.upstream, module.id) },
    ),
  };
}

/** A branch chooses among what is directly below it, in its scope; a teardown has setups in its scope; retries are the group's. */
function ofItsKind(task: CaseTask, input: Case): CaseTask {
  const nesting = nestingOf(input);
  const path = nesting.around(task.id);
  const isBelow = (id: string) => {
    const found = [...input.tasks, ...(input.modules ?? [])].find((each) => each.id === id);
    return (
      found?.upstream?.includes(task.id) === true && commonDepth(path, nesting.around(id)) === path.length
    );
  };
  const { chooses, setups, retries, runs, ...rest } = task;
  const isRetried = path.some((module) => module.kind === 'retry');
  const besides = (setups ?? []).filter(
    (id) => input.tasks.some((other) => other.id === id) && isSame(nesting.around(id), path),
  );
  const full: CaseTask = {
    ...rest,
    ...(chooses === undefined ? {} : { chooses: chooses.filter(isBelow) }),
    ...(setups === undefined ? {} : { setups: besides }),
    ...(retries === undefined || isRetried ? {} : { retries }),
    ...(runs === undefined || path.length === 0
      ? {}
      : {
          runs: runs.map((run) =>
            run.chooses === undefined ? run : { ...run, chooses: run.chooses.filter(isBelow) },
          ),
        }),
  };
  return task.kind === 'teardown' && besides.length === 0 ? plain(full) : full;
}

function isSame(a: readonly CaseModule[], b: readonly CaseModule[]): boolean {
  return a.length === b.length && commonDepth(a, b) === a.length;
}

/** An ordinary task: what only its kind has is gone. */
export function plain(task: CaseTask): CaseTask {
  const { kind, chooses, condition, respectTriggerRules, setups, failRun, expression, ...rest } = task;
  const { items, list, concurrency, tolerate, poke, atSec, ...ordinary } = rest;
  return ordinary;
}

function listOf(
  { id, list, triggerRule = '' }: Pick<CaseTask, 'id' | 'list' | 'triggerRule'>,
  { tasks }: Case,
  nesting: Nesting,
): { readonly list?: CaseList } {
  if (list === undefined) return {};
  const { from, task: giver, broken, maxItems, ...rest } = list;
  const constant = { list: { ...rest, from: 'constant' as const } };
  if (from === 'item') {
    const outer = mapAround(nesting, id);
    if (outer === undefined) return constant;
    const isOutput =
      outer.list?.task !== undefined && mapsLeft(nesting, outsideOf(nesting, outer.id), outer.list.task) > 0;
    return isOutput ? constant : { list };
  }
  if (from !== 'output') return { list };
  const task = tasks.find((each) => each.id === giver);
  return task === undefined || !givesAcross(task) || mayBeEarly(triggerRule, outsideOf(nesting, id))
    ? constant
    : { list };
}

/** An early rule may enter a module before what it is given is there. */
function mayBeEarly(triggerRule: string, around: readonly CaseModule[]): boolean {
  return [triggerRule, ...around.map((module) => module.triggerRule ?? '')].some((rule) => EARLY.has(rule));
}

const EARLY: ReadonlySet<string> = new Set(TRIGGER_RULES.filter(isEarly));

function outsideOf(nesting: Nesting, id: string): readonly CaseModule[] {
  return nesting.around(id).filter((module) => module.id !== id);
}

function loopOf(
  { id, kind, loop, triggerRule = '' }: CaseModule,
  { tasks }: Case,
  nesting: Nesting,
): Pick<CaseModule, 'loop'> {
  if (kind !== 'loop' || loop === undefined) return {};
  const { task, initial, broken, ...rest } = loop;
  const teller = tasks.find((each) => each.id === task && each.id.startsWith(`${id}.`) && gives(each));
  const isTeller =
    teller !== undefined &&
    mapsLeft(
      nesting,
      [...outsideOf(nesting, id), ...nesting.around(teller.id).filter((module) => module.id === id)],
      teller.id,
    ) === 0;
  const first = tasks.find((each) => each.id === initial);
  return {
    loop: {
      ...rest,
      untilAt: isTeller ? rest.untilAt : rest.untilAt % 2,
      ...(isTeller ? { task: teller.id, ...(broken ? { broken } : {}) } : {}),
      ...(first !== undefined && givesAcross(first) && !mayBeEarly(triggerRule, outsideOf(nesting, id))
        ? { initial: first.id }
        : {}),
    },
  };
}

/** What is retried does not retry itself. */
function retriesOf({ id, retries }: CaseModule, nesting: Nesting): Pick<CaseModule, 'retries'> {
  const isRetried = retries !== undefined && outsideOf(nesting, id).some(({ kind }) => kind === 'retry');
  return isRetried ? { retries: { ...retries, attempts: 0 } } : {};
}

function withReadable(task: CaseTask, input: Case): CaseTask {
  const { reads, ...rest } = task;
  const readable = (reads ?? []).filter((read) => isReadable(task, read, input));
  return readable.length === 0 ? rest : { ...rest, reads: readable };
}

function isReadable(
  { id, expression, triggerRule, upstream = [] }: CaseTask,
  read: string,
  input: Case,
): boolean {
  const nesting = nestingOf(input);
  const task = input.tasks.find((other) => other.id === read);
  if (task === undefined && isLoop(nesting, read)) return isLoopReadable(id, read, input);
  if (task === undefined || !gives(task)) return false;
  const [mine, others] = [nesting.around(id), nesting.around(read)];
  if (expression) return triggerRule === undefined && upstream.includes(read);
  if (commonDepth(mine, others) < mine.length) return givesAcross(task);
  return ancestorsOf(id, input).includes(read);
}

/** Of a loop that it is not in: any outside of its own scope, there one above it. */
function isLoopReadable(id: string, loop: string, input: Case): boolean {
  const nesting = nestingOf(input);
  const path = nesting.around(id);
  if (path.some((module) => module.id === loop)) return false;
  if (commonDepth(path, nesting.around(loop)) < path.length) return true;
  return ancestorsOf(id, input).some((above) => above.startsWith(`${loop}.`));
}
