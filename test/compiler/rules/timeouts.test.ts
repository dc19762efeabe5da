import { expect, test } from 'vitest';
import { timeouts } from '../../../lib/compiler/rules/timeouts.ts';
import { node, sales, told, untyped } from './graphs.ts';

test('timeouts are whole seconds from 1 on', () => {
  const tasks = [
    node('a', { timeout: 0 }),
    node('b', { timeout: '-5m' as const }),
    node('c', { timeout: 1.5 }),
    node('d', { timeout: untyped('soon') }),
  ];
  expect(told(timeouts, sales(tasks, { runTimeout: '400d' }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › runTimeout: must be whole seconds from 1 s to 365 d (the longest execution on AWS), got "400d"; write '90s', '15m', '2h', '1d' or a number of seconds",
      "dag "sales" › task "a" › timeout: must be whole seconds from 1 s to 99999999 s, got 0; write '90s', '15m', '2h', '1d' or a number of seconds",
      "dag "sales" › task "b" › timeout: must be whole seconds from 1 s to 99999999 s, got "-5m"; write '90s', '15m', '2h', '1d' or a number of seconds",
      "dag "sales" › task "c" › timeout: must be whole seconds from 1 s to 99999999 s, got 1.5; write '90s', '15m', '2h', '1d' or a number of seconds",
      "dag "sales" › task "d" › timeout: must be whole seconds from 1 s to 99999999 s, got "soon"; write '90s', '15m', '2h', '1d' or a number of seconds",
    ]
  `);
});

test('a minute and a week are fine', () => {
  expect(told(timeouts, sales([node('a', { timeout: '1m' })], { runTimeout: '7d' }))).toEqual([]);
});
