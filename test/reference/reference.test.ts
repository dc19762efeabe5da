import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Case } from './case.ts';
import { reference } from './reference.ts';
import { jsonFiles, readJson, SHARED } from './shared.ts';
import { sharedDescribe } from './shared-describe.ts';
import { verdict } from './verdict.ts';

sharedDescribe('the reference', () => {
  test.each(jsonFiles(join(SHARED, 'semantics')))('agrees with %s', (file) => {
    const input = readJson<Case>(join(SHARED, 'semantics', file));
    const { inner: _ours, ...shared } = reference(input);
    expect(shared).toEqual(input.expected);
  });

  test('agrees with Airflow wherever every upstream task is final', () => {
    const path = join(SHARED, 'scheduling/trigger-rules-exhaustive.json');
    const complete = readJson<{ rows: readonly Row[] }>(path).rows.filter((row) => row[6] === 0);
    expect(complete.length).toBeGreaterThan(300);
    for (const [rule, , success, failed, skipped, upstreamFailed, , outcome] of complete) {
      const states = [
        ...Array.from({ length: success }, () => 'success' as const),
        ...Array.from({ length: failed }, () => 'failed' as const),
        ...Array.from({ length: skipped }, () => 'skipped' as const),
        ...Array.from({ length: upstreamFailed }, () => 'upstream_failed' as const),
      ];
      expect([rule, states, verdict(rule, states, [])]).toEqual([rule, states, outcome]);
    }
  });
});

/** Rule, upstream, success, failed, skipped, upstream_failed, unfinished, outcome. */
type Row = readonly [string, number, number, number, number, number, number, string];
