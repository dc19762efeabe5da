/**
 * Any run: a DAG of up to 30 tasks of any shape, with every kind of task, rule and outcome. Upstream tasks are given
 * as distances back in the list, so a DAG stays one however fast-check shrinks it.
 */
import fc from 'fast-check';
import { TRIGGER_RULES } from '../../lib/model/trigger-rule.ts';
import type { Case, CaseRetry, CaseTask, CaseTry } from './case.ts';

/** Everything about one task but its place. */
interface Draft {
  readonly kind: 'task' | 'branch' | 'shortCircuit' | 'setup' | 'teardown';
  /** How many tasks back each upstream task stands, from 1; those before the first are left out. */
  readonly back: readonly number[];
  readonly triggerRule: string;
  readonly tries: readonly CaseTry[];
  readonly retries: readonly CaseRetry[];
  readonly timeoutSec: number | undefined;
  /** Which of the tasks directly below a branch chooses, in turn; a short circuit's first is its condition. */
  readonly choices: readonly boolean[];
  readonly respectTriggerRules: boolean;
  readonly failRun: boolean;
  readonly expression: boolean;
  /** Its id, unless another task has it; `undefined` for one by its place. */
  readonly id: string | undefined;
  /** Which of the tasks above it it reads, in turn. */
  readonly reads: readonly number[];
}

const ERRORS = ['Boom', 'Throttled', 'FailTask'] as const;
/** Ids that mangle alike, that are words of JSONata or of JavaScript's objects, and as long as may be. */
const AWKWARD_IDS = [
  ...['a.b', 'a_b', 'a-b', 'a__b', 'a_d_b', 'a_h_b', 'g.h.i', 'run', 'wait', 'signal', 'verdict'],
  ...['and', 'or', 'in', 'null', 'true', 'function', 'length', 'x'.repeat(80)],
  ...["it's", '(a)', 'a=b', 'a+b', '!', '1', '-', '_', '.', 'größe', '日本', '😀'],
];
const RULES = TRIGGER_RULES.filter((rule) => rule !== 'all_done_setup_success');

const durationSec = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);

const oneTry: fc.Arbitrary<CaseTry> = fc.oneof(
  { weight: 6, arbitrary: durationSec.map((sec) => ({ outcome: 'success' as const, durationSec: sec })) },
  {
    weight: 3,
    arbitrary: fc.record({
      outcome: fc.constant('failed' as const),
      durationSec,
      error: fc.constantFrom(...ERRORS),
    }),
  },
  { weight: 1, arbitrary: durationSec.map((sec) => ({ outcome: 'skipped' as const, durationSec: sec })) },
);

const retry: fc.Arbitrary<CaseRetry> = fc
  .record({
    on: fc.option(fc.constantFrom(...ERRORS, 'States.Timeout'), { nil: undefined }),
    attempts: fc.integer({ min: 0, max: 2 }),
    delaySec: fc.integer({ min: 1, max: 9 }),
    backoff: fc.constantFrom(1, 2, 3),
    // Step Functions wants the longest wait longer than the first.
    further: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  })
  .map(({ further, delaySec, on, ...rest }) => ({
    ...(on === undefined ? {} : { on }),
    ...rest,
    delaySec,
    ...(further === undefined ? {} : { maxDelaySec: delaySec + further }),
  }));

const kind = fc.oneof(
  { weight: 30, arbitrary: fc.constant('task' as const) },
  { weight: 4, arbitrary: fc.constant('branch' as const) },
  { weight: 2, arbitrary: fc.constant('shortCircuit' as const) },
  { weight: 2, arbitrary: fc.constant('setup' as const) },
  { weight: 3, arbitrary: fc.constant('teardown' as const) },
);

const triggerRule = fc.oneof(
  { weight: 3, arbitrary: fc.constant('all_success') },
  { weight: 2, arbitrary: fc.constantFrom<string>(...RULES) },
);

/** How far back edges reach, how many there are, and how much else than plain tasks there is: what gives a DAG its look. */
interface Look {
  readonly reach: number;
  readonly fanIn: number;
  readonly plain: boolean;
}

function draft({ reach, fanIn, plain }: Look): fc.Arbitrary<Draft> {
  return fc.record({
    kind: plain ? fc.constant('task' as const) : kind,
    back: fc.uniqueArray(fc.integer({ min: 1, max: reach }), { minLength: 0, maxLength: fanIn }),
    triggerRule: plain ? fc.constant('all_success') : triggerRule,
    tries: fc.oneof(
      { weight: 3, arbitrary: fc.tuple(oneTry) },
      { weight: 1, arbitrary: fc.array(oneTry, { minLength: 1, maxLength: 4 }) },
    ),
    retries: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(retry, { minLength: 1, maxLength: 2 }) },
    ),
    timeoutSec: fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) },
    ),
    choices: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    respectTriggerRules: fc.boolean(),
    failRun: fc.boolean(),
    expression: fc.boolean(),
    id: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...AWKWARD_IDS) },
    ),
    reads: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }) },
    ),
  });
}

const look: fc.Arbitrary<Look> = fc.record({
  reach: fc.constantFrom(2, 4, 8, 30),
  fanIn: fc.constantFrom(1, 2, 3, 5),
  plain: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

/** Any case of the shared format but mapped tasks, `expected` left out. */
export const anyCase: fc.Arbitrary<Case> = look.chain((chosen) =>
  fc
    .record({
      runState: fc.constantFrom('leaves' as const, 'any-failed' as const),
      drafts: fc.array(draft(chosen), { minLength: 1, maxLength: 30, size: 'max' }),
    })
    .map(({ runState, drafts }) => caseOf(runState, drafts)),
);

function caseOf(runState: Case['runState'], drafts: readonly Draft[]): Case {
  const ids = drafts.map(({ id }, index) =>
    id === undefined || drafts.findIndex((other) => other.id === id) < index ? `t${index}` : id,
  );
  const upstream = drafts.map(({ back }, index) =>
    back.map((steps) => ids[index - steps]).filter((id) => id !== undefined),
  );
  const setups = drafts.map((_, index) => setupsOf(drafts, ids, index));
  const all = upstream.map((above, index) => [...new Set([...above, ...(setups[index] ?? [])])]);
  const tasks = drafts.map((one, index): CaseTask => {
    const id = ids[index] ?? '';
    const below = ids.filter((_, other) => all[other]?.includes(id));
    return { id, upstream: all[index] ?? [], ...specificsOf(one, below, setups[index] ?? []) };
  });
  return { name: 'any', runState, tasks: tasks.map((task, index) => withReads(task, drafts[index], tasks)) };
}

/**
 * Reads any tasks above it that give an output. What an expression reads is always there: it decides, so it may not
 * depend on who was first.
 */
function withReads(task: CaseTask, draft: Draft | undefined, tasks: readonly CaseTask[]): CaseTask {
  const { id, expression, triggerRule, upstream = [] } = task;
  const from = expression ? (triggerRule === undefined ? upstream : []) : ancestorsOf(id, tasks);
  const giving = from.filter((above) => tasks.some((other) => other.id === above && !other.expression));
  const reads = (draft?.reads ?? [])
    .map((n) => giving[n % giving.length])
    .filter((above) => above !== undefined);
  return reads.length === 0 ? task : { ...task, reads: [...new Set(reads)] };
}

/** Every task above another, at any depth; upstream tasks stand first in the list. */
export function ancestorsOf(id: string, tasks: readonly CaseTask[]): readonly string[] {
  const above = new Set([id]);
  for (const task of tasks.toReversed()) {
    if (above.has(task.id)) for (const parent of task.upstream ?? []) above.add(parent);
  }
  above.delete(id);
  return [...above];
}

/** A teardown's setups: one or two of the setups before it. Without any it is a plain task. */
function setupsOf(drafts: readonly Draft[], ids: readonly string[], index: number): readonly string[] {
  const { kind, choices } = drafts[index] ?? {};
  if (kind !== 'teardown') return [];
  const before = ids.slice(0, index).filter((_, other) => drafts[other]?.kind === 'setup');
  return before.slice(choices?.[0] ? -2 : -1);
}

function specificsOf(one: Draft, below: readonly string[], setups: readonly string[]): Partial<CaseTask> {
  const rule = one.triggerRule === 'all_success' ? {} : { triggerRule: one.triggerRule };
  const behaviour = behaviourOf(one);
  switch (one.kind) {
    case 'branch':
      if (below.length === 0) return { ...rule, ...behaviour };
      return { kind: 'branch', chooses: chosen(one, below), ...rule, ...decidedHow(one, behaviour) };
    case 'shortCircuit':
      return {
        kind: 'shortCircuit',
        condition: one.choices[0] ?? true,
        respectTriggerRules: one.respectTriggerRules,
        ...rule,
        ...decidedHow(one, behaviour),
      };
    case 'setup':
      return { kind: 'setup', ...rule, ...behaviour };
    case 'teardown':
      if (setups.length === 0) return { ...rule, ...behaviour };
      return { kind: 'teardown', setups, failRun: one.failRun, ...behaviour };
    case 'task':
      return { ...rule, ...behaviour };
  }
}

/** An expression takes no time and never fails. */
function decidedHow({ expression }: Draft, behaviour: Partial<CaseTask>): Partial<CaseTask> {
  return expression ? { expression: true, durationSec: 0 } : behaviour;
}

function chosen({ choices }: Draft, below: readonly string[]): readonly string[] {
  return below.filter((_, index) => choices[index % choices.length]);
}

function behaviourOf({ tries, retries, timeoutSec }: Draft): Partial<CaseTask> {
  const [first, ...further] = tries;
  const simple = first !== undefined && further.length === 0 && first.error === undefined;
  return {
    ...(simple ? { outcome: first.outcome, durationSec: first.durationSec } : { tries }),
    ...(retries.length === 0 ? {} : { retries }),
    ...(timeoutSec === undefined ? {} : { timeoutSec: apart(timeoutSec, tries) }),
  };
}

/** No try is exactly as long as its timeout: which of the two comes first is nobody's rule. */
function apart(timeoutSec: number, tries: readonly CaseTry[]): number {
  return tries.some((one) => one.durationSec === timeoutSec) ? apart(timeoutSec + 1, tries) : timeoutSec;
}

/** {@link anyCase} where every task wants success and nothing else, as in most real DAGs: the compiler's shortest plans. */
export const plainCase: fc.Arbitrary<Case> = anyCase.map((input) => ({
  ...input,
  tasks: input.tasks.map(
    ({ kind: _kind, triggerRule: _rule, chooses: _labels, condition: _found, setups: _setups, ...task }) => {
      const { respectTriggerRules: _respect, failRun: _fail, expression: _expression, ...plain } = task;
      return plain;
    },
  ),
}));
