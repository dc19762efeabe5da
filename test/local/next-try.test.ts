import { expect, test } from 'vitest';
import type { Try } from '../../lib/history/task-run.ts';
import { nextTryMs } from '../../lib/local/next-try.ts';
import type { RetryRule, TaskNode } from '../../lib/model/task.ts';

const task = (...retries: readonly RetryRule[]): TaskNode => ({
  id: 'a',
  call: { kind: 'fn', inputs: null },
  upstream: [],
  triggerRule: 'all_success',
  retries,
});
const failed = (error: string, endMs: number): Try => ({ startMs: endMs - 5, endMs, state: 'failed', error });

test('each rule counts its own tries, and backs off', () => {
  const rules = task(
    { on: ['Http.429'], attempts: 3, delay: '10s', backoff: 2 },
    { attempts: 2, delay: '1m', jitter: true },
  );
  const busy = failed('Http.429', 1_000);
  expect(nextTryMs(rules, [busy])).toBe(11_000);
  expect(nextTryMs(rules, [busy, failed('Error', 20_000)])).toBe(80_000);
  expect(nextTryMs(rules, [busy, failed('Error', 20_000), failed('Http.429', 90_000)])).toBe(110_000);
  expect(nextTryMs(rules, [failed('Error', 0), failed('Error', 1), failed('Error', 2)])).toBeUndefined();
});

test('nothing is told of what has no rule, or has not ended', () => {
  expect(nextTryMs(task(), [failed('Error', 0)])).toBeUndefined();
  expect(nextTryMs(task({ attempts: 1 }), [{ startMs: 0, state: 'running' }])).toBeUndefined();
  expect(nextTryMs(task({ attempts: 1 }), [])).toBeUndefined();
});
