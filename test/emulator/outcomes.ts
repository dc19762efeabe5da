/** Ways in which scripted tasks end, and the combinations and orders that show what a feature is for. */
import type { ScriptedTry } from '../../lib/local/script.ts';
import type { Rerun } from '../../lib/model/run-input.ts';

/** Task, or `task@instance` → its tries. */
export type Tries = Readonly<Record<string, readonly ScriptedTry[]>>;

/** How the tasks of a run end, by what sets this run apart. */
export type Outcomes = Readonly<Record<string, Tries>>;

/** What a machine is tried with beyond every single task's ways to end. */
export interface Extra {
  readonly outcomes?: Outcomes;
  /** Orders of answers, each tried with these outcomes and with success. */
  readonly orders?: readonly (readonly string[])[];
  /** What runs again, by its name. */
  readonly reruns?: Readonly<Record<string, Rerun>>;
}

const output = {
  rows: 3,
  path: 'a.json',
  first: { amount: 7 },
  files: ['a.json', 'b.json', 'c.json'],
  choice: 'all',
  by: 'ann "the" \\ approver',
  day: '2026-01-01',
  paths: ['in/a.csv'],
};

export const done: ScriptedTry = { durationSec: 0, output };
export const failed: ScriptedTry = { durationSec: 0, outcome: 'failed' };
export const skipped: ScriptedTry = { durationSec: 0, outcome: 'skipped' };
const notReady: ScriptedTry = { durationSec: 0, outcome: 'notReady' };

export const EXTRAS: Readonly<Record<string, Extra>> = {
  'n-graph': { outcomes: combinations(['a', 'b']), orders: permutations(['a', 'b', 'c', 'd']) },
  'n-graph in parts': { orders: permutations(['a', 'b', 'c', 'd']) },
  outputs: { outcomes: combinations(['b']), orders: permutations(['a', 'b', 'c', 'd']) },
  'early-rules': { outcomes: combinations(['a']), orders: permutations(['a', 'b', 'c']) },
  'late-rules': { outcomes: combinations(['a', 'b']) },
  choosing: { outcomes: { 'many rows': { count: [rows(2000)] }, 'no rows': { count: [rows(0)] } } },
  'short-circuits': { outcomes: { 'no rows': { count: [rows(0)] } } },
  retries: {
    outcomes: {
      'second tries succeed': { by_default: [failed, done], by_class: [failed, done], never: [failed, done] },
      'every rule has its turn': { by_class: [error('Throttled'), error('FailTask'), failed, done] },
    },
  },
  mapping: {
    outcomes: {
      'one item fails': { 'regions@0': [failed], 'loaded@1': [failed] },
      'two items fail': { 'regions@0': [failed], 'regions@1': [failed] },
      'an item is tried again': { 'regions@1': [failed, done] },
      'an item skips': { 'loaded@2': [skipped] },
      'no items': { listed: [{ ...done, output: { ...output, files: [] } }] },
      'no list': { listed: [{ ...done, output: { ...output, files: 'a.json' } }] },
    },
  },
  'mapped-group inline': {
    outcomes: {
      'one item fails': { 'each.clean@1': [failed] },
      'an item skips': { 'each.clean@0': [skipped] },
      'no items': { listed: [{ ...done, output: { ...output, files: [] } }] },
    },
  },
  'group-retries': {
    outcomes: { 'the first try fails': { 'load.check@1': [failed] } },
    orders: [['load.b', 'load.a']],
  },
  'group-retries in parts': {
    outcomes: { 'the first try fails': { 'load.check@1': [failed] } },
    orders: [['load.b', 'load.a']],
  },
  loops: {
    outcomes: {
      'two pages': { 'pages.fetch@1': [rows(1)] },
      'too many pages': { 'pages.fetch': [rows(1)] },
    },
  },
  sensors: {
    outcomes: {
      'found at the second look': {
        by_function: [notReady, done],
        by_request: [notReady, done],
        by_query: [notReady, done],
        by_file: [notReady, done],
      },
    },
  },
  approvals: { outcomes: { 'size is some': { size: [{ ...done, output: { ...output, choice: 'some' } }] } } },
  pools: { orders: permutations(['a', 'b', 'c']) },
  'run-retries': { outcomes: { 'the first try fails': { 'b@1': [failed] } } },
  'n-graph again': {
    reruns: {
      'all again': mask(['a', 'b', 'c', 'd']),
      'd alone': mask(['d']),
      'c alone': mask(['c']),
      'b and d': mask(['b', 'd']),
      'a, b failed': mask(['a'], { b: 'f' }),
      'd, b skipped': mask(['d'], { b: 'k' }),
    },
  },
  'branching again': {
    reruns: {
      'all again': mask(['size', 'big', 'small', 'join']),
      'the brancher': mask(['size'], { small: 'k', 'size>': '|big|' }),
      'the chosen': mask(['big'], { small: 'k', 'size>': '|big|' }),
      'the join': mask(['join'], { small: 'k', 'size>': '|big|' }),
    },
  },
};

/** Every way in which these tasks succeed, fail and skip together; not that all succeed. */
export function combinations(tasks: readonly string[]): Outcomes {
  const ways = { succeeds: done, fails: failed, skips: skipped };
  let found: readonly (readonly [names: readonly string[], tries: Tries])[] = [[[], {}]];
  for (const task of tasks) {
    found = found.flatMap(([names, tries]) =>
      Object.entries(ways).map(([way, one]) =>
        way === 'succeeds'
          ? ([names, tries] as const)
          : ([[...names, `${task} ${way}`], { ...tries, [task]: [one] }] as const),
      ),
    );
  }
  return Object.fromEntries(
    found.filter(([names]) => names.length > 0).map(([names, tries]) => [names.join(', '), tries]),
  );
}

function permutations(items: readonly string[]): readonly (readonly string[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}

function rows(count: number): ScriptedTry {
  return { ...done, output: { ...output, rows: count } };
}

function error(name: string): ScriptedTry {
  return { ...failed, error: name };
}

function mask(tasks: readonly string[], data: Readonly<Record<string, string>> = {}): Rerun {
  return { tasks, data, outputs: {} };
}
