/** Everything about one task of any run but its place, as fast-check makes it. */
import fc from 'fast-check';
import { TRIGGER_RULES } from '../../../lib/model/trigger-rule.ts';
import type { CaseItem, CasePoke, CaseRetry, CaseTry } from '../case.ts';
import { NOT_READY } from '../tries.ts';

export interface Draft {
  readonly kind:
    | 'task'
    | 'branch'
    | 'shortCircuit'
    | 'setup'
    | 'teardown'
    | 'map'
    | 'sensor'
    | 'at'
    | 'approve';
  /** How many tasks back each upstream task stands, from 1; those before the first are left out. */
  readonly back: readonly number[];
  /** Upstream tasks in modules are named by the module. */
  readonly wholes: boolean;
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
  readonly around: boolean;
  /** How it goes in its instances, in turn, where it has any. */
  readonly runs: readonly CaseItem[];
  readonly again: CaseItem | undefined;
  readonly map: MapDraft;
  readonly poke: CasePoke;
  /** Whether each look but the last finds nothing. */
  readonly looks: number;
  readonly atSec: number;
  readonly engine: boolean;
  readonly pool: { readonly which: number; readonly slots: number } | undefined;
}

/** A map but what it maps. */
export interface MapDraft {
  readonly from: 'constant' | 'param' | 'output' | 'item';
  /** Which of the tasks before it gives the list. */
  readonly giver: number;
  readonly count: number;
  readonly concurrency: number | undefined;
  readonly tolerate: number | `${number}%` | undefined;
  readonly maxItems: number | undefined;
  readonly broken: boolean;
  readonly label: boolean;
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

/** `undefined` in all but one of `one + none` cases. */
export function rarely<T>(arbitrary: fc.Arbitrary<T>, none: number, one = 1): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: none, arbitrary: fc.constant(undefined) }, { weight: one, arbitrary });
}

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

const tries = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(oneTry) },
  { weight: 1, arbitrary: fc.array(oneTry, { minLength: 1, maxLength: 4 }) },
);

const item: fc.Arbitrary<CaseItem> = tries.map((list) => ({ tries: list }));

export const retry: fc.Arbitrary<CaseRetry> = fc
  .record({
    on: fc.option(fc.constantFrom(...ERRORS, 'States.Timeout'), { nil: undefined }),
    attempts: fc.integer({ min: 0, max: 2 }),
    delaySec: fc.integer({ min: 1, max: 9 }),
    backoff: fc.constantFrom(1, 2, 3),
    // Step Functions wants the longest wait longer than the first.
    further: rarely(fc.integer({ min: 1, max: 12 }), 1),
  })
  .map(({ further, delaySec, on, ...rest }) => ({
    ...(on === undefined ? {} : { on }),
    ...rest,
    delaySec,
    ...(further === undefined ? {} : { maxDelaySec: delaySec + further }),
  }));

const poke: fc.Arbitrary<CasePoke> = fc
  .record({
    everySec: fc.integer({ min: 1, max: 5 }),
    backoff: fc.constantFrom(1, 2),
    further: rarely(fc.integer({ min: 1, max: 6 }), 1),
    longer: fc.integer({ min: 0, max: 25 }),
    softFail: fc.boolean(),
  })
  .map(({ further, longer, ...rest }) => ({
    ...rest,
    // The rules want time for two looks.
    timeoutSec: rest.everySec + longer,
    ...(further === undefined ? {} : { maxEverySec: rest.everySec + further }),
  }));

export const mapDraft: fc.Arbitrary<MapDraft> = fc.record({
  from: fc.constantFrom('constant', 'param', 'output', 'item'),
  giver: fc.nat(30),
  count: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
  concurrency: rarely(fc.integer({ min: 1, max: 3 }), 2),
  tolerate: rarely(fc.constantFrom<1 | 2 | `${number}%`>(1, 2, '25%', '30%', '50%', '100%'), 1),
  maxItems: rarely(fc.integer({ min: 1, max: 4 }), 2),
  broken: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  label: fc.boolean(),
});

const kind = fc.oneof(
  { weight: 30, arbitrary: fc.constant('task' as const) },
  { weight: 4, arbitrary: fc.constant('branch' as const) },
  { weight: 2, arbitrary: fc.constant('shortCircuit' as const) },
  { weight: 2, arbitrary: fc.constant('setup' as const) },
  { weight: 3, arbitrary: fc.constant('teardown' as const) },
  { weight: 2, arbitrary: fc.constant('map' as const) },
  { weight: 2, arbitrary: fc.constantFrom('sensor' as const, 'at' as const, 'approve' as const) },
);

const triggerRule = fc.oneof(
  { weight: 3, arbitrary: fc.constant('all_success') },
  { weight: 2, arbitrary: fc.constantFrom<string>(...RULES) },
);

/** How far back edges reach, how many there are, and how much else than plain tasks there is: what gives a DAG its look. */
export interface Look {
  readonly reach: number;
  readonly fanIn: number;
  readonly plain: boolean;
  readonly pooled: boolean;
}

export const look: fc.Arbitrary<Look> = fc.record({
  reach: fc.constantFrom(2, 4, 8, 30),
  fanIn: fc.constantFrom(1, 2, 3, 5),
  plain: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  pooled: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

export const anyRule = triggerRule;

export function draft({ reach, fanIn, plain, pooled }: Look): fc.Arbitrary<Draft> {
  return fc.record({
    kind: plain ? fc.constant('task' as const) : kind,
    back: fc.uniqueArray(fc.integer({ min: 1, max: reach }), { minLength: 0, maxLength: fanIn }),
    wholes: fc.boolean(),
    triggerRule: plain ? fc.constant('all_success') : triggerRule,
    tries,
    retries: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(retry, { minLength: 1, maxLength: 2 }) },
    ),
    timeoutSec: rarely(fc.integer({ min: 1, max: 9 }), 6),
    choices: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    respectTriggerRules: fc.boolean(),
    failRun: fc.boolean(),
    expression: fc.boolean(),
    id: rarely(fc.constantFrom(...AWKWARD_IDS), 9),
    reads: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }) },
    ),
    around: fc.boolean(),
    runs: fc.array(item, { maxLength: 3 }),
    again: rarely(item, 1),
    map: mapDraft,
    poke,
    looks: fc.integer({ min: 0, max: 4 }),
    atSec: fc.integer({ min: 0, max: 30 }),
    engine: fc.oneof(
      { weight: 4, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    pool: pooled
      ? rarely(fc.record({ which: fc.nat(1), slots: fc.integer({ min: 1, max: 2 }) }), 1)
      : fc.constant(undefined),
  });
}

/** What a sensor finds: nothing for some looks, then what its tries are. */
export function looksOf({ looks, tries: list }: Draft): readonly CaseTry[] {
  const [first] = list;
  const nothing = {
    outcome: 'failed' as const,
    durationSec: Math.min(1, first?.durationSec ?? 0),
    error: NOT_READY,
  };
  return [...Array.from({ length: looks }, () => nothing), ...list];
}
