import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/model/evaluate.ts';
import { TRIGGER_RULES, type UpstreamCounts } from '../../lib/model/trigger-rule.ts';
import { readJson, SHARED } from '../reference/shared.ts';
import { sharedDescribe } from '../reference/shared-describe.ts';

const none: UpstreamCounts = { upstream: 0, success: 0, failed: 0, skipped: 0, upstreamFailed: 0 };

describe('evaluate', () => {
  test('rules that ask for all run on nothing', () => {
    expect(evaluate('all_success', none)).toBe('run');
    expect(evaluate('all_done_setup_success', none)).toBe('run');
  });

  test('only always runs before anything ended', () => {
    const waiting = { ...none, upstream: 2 };
    expect(TRIGGER_RULES.filter((rule) => evaluate(rule, waiting) !== 'wait')).toEqual(['always']);
  });

  test('one success is enough for one_success at once', () => {
    expect(evaluate('one_success', { ...none, upstream: 3, success: 1 })).toBe('run');
  });

  test('a teardown runs when one of its setups succeeded and everything above is done', () => {
    const counts = { ...none, upstream: 3, failed: 2, setups: { total: 2, success: 1, skipped: 0 } };
    expect(evaluate('all_done_setup_success', counts)).toBe('wait');
    expect(evaluate('all_done_setup_success', { ...counts, success: 1 })).toBe('run');
  });
});

sharedDescribe('evaluate, against Airflow', () => {
  type Row = readonly [
    Parameters<typeof evaluate>[0],
    number,
    number,
    number,
    number,
    number,
    number,
    string,
  ];
  test('agrees with its implementation on every rule and every count up to four', () => {
    const { rows } = readJson<{ rows: readonly Row[] }>(
      join(SHARED, 'scheduling/trigger-rules-exhaustive.json'),
    );
    expect(rows.length).toBeGreaterThan(700);
    for (const [rule, upstream, success, failed, skipped, upstreamFailed, , outcome] of rows) {
      const counts = { upstream, success, failed, skipped, upstreamFailed };
      expect([rule, counts, evaluate(rule, counts)]).toEqual([rule, counts, outcome]);
    }
  });
});
