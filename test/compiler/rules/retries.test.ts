import { expect, test } from 'vitest';
import { retries } from '../../../lib/compiler/rules/retries.ts';
import type { RetryRule } from '../../../lib/model/task.ts';
import { node, sales, told, untyped } from './graphs.ts';

test('every field outside its range is told', () => {
  const rule = { attempts: -1, delay: '0s', backoff: 0.5, maxDelay: '500d', on: [], jitter: 'yes' };
  expect(told(retries, sales([node('load', { retries: [untyped(rule)] })]))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › retries.attempts: must be a whole number from 0 to 99999999, got -1; write how many tries may follow the first, 0 for none",
      "dag "sales" › task "load" › retries.delay: must be whole seconds from 1 s to 366 d, got "0s"; write '30s', '5m', '1h' or a number of seconds",
      "dag "sales" › task "load" › retries.backoff: must be at least 1, got 0.5; write 1 for equal waits, 2 to double them",
      "dag "sales" › task "load" › retries.maxDelay: must be whole seconds up to 366 d, got "500d"; write '15m'",
      "dag "sales" › task "load" › retries.on: must be one or more names of errors, got []; write 'Throttled', or leave it out for every error",
      "dag "sales" › task "load" › retries.jitter: must be true or false, got "yes"",
    ]
  `);
});

test('a number in words is no number', () => {
  expect(
    told(
      retries,
      sales([
        node('load', { retries: [untyped({ attempts: 'many' }), untyped({ attempts: 1.5, delay: 'soon' })] }),
      ]),
    ),
  ).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › retries[0].attempts: must be a whole number from 0 to 99999999, got "many"; write how many tries may follow the first, 0 for none",
      "dag "sales" › task "load" › retries[1].attempts: must be a whole number from 0 to 99999999, got 1.5; write how many tries may follow the first, 0 for none",
      "dag "sales" › task "load" › retries[1].delay: must be whole seconds from 1 s to 366 d, got "soon"; write '30s', '5m', '1h' or a number of seconds",
    ]
  `);
});

test('a longest wait below the first one is a warning', () => {
  const found = retries(sales([node('load', { retries: [{ attempts: 1, maxDelay: '1m' }] })]));
  expect(found).toMatchInlineSnapshot(`
    [
      {
        "code": "retries",
        "message": "must be at least delay (5m, the default), got "1m"",
        "path": "dag "sales" › task "load" › retries.maxDelay",
        "remedy": "make it longer, or leave it out for no limit",
        "severity": "warning",
      },
    ]
  `);
});

test('what AWS takes is fine', () => {
  const rules: readonly RetryRule[] = [
    { attempts: 0 },
    { on: ['Throttled'], attempts: 99_999_999, delay: 1, backoff: 1, maxDelay: '366d', jitter: true },
  ];
  expect(told(retries, sales([node('load', { retries: rules })]))).toEqual([]);
});
