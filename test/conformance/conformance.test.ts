import { expect, test } from 'vitest';
import { SHARED } from '../reference/shared.ts';
import { sharedDescribe } from '../reference/shared-describe.ts';
import { runAll } from './run-all.ts';

sharedDescribe('recorded behaviour', () => {
  test('is what Tutti does, suite by suite', { timeout: 240_000 }, async () => {
    const results = await runAll(SHARED);
    for (const { name, passed, failed, skipped } of results) {
      process.stdout.write(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    }
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
    expect(results.map(({ name }) => name)).toEqual([
      'asl/execution',
      'asset-conditions',
      'backfill',
      'dags',
      'definition-validity',
      'depends-on-past',
      'run-state',
      'semantics',
      'skipped-intervals',
      'timetables',
      'trigger-rules',
    ]);
  });
});
