import { expect, test } from 'vitest';
import { nestedRetries } from '../../../lib/compiler/rules/nested-retries.ts';
import { MAP, node, RETRY, sales, told, unit } from './graphs.ts';

const retries = [{ attempts: 1 }];

test('what a group retries does not retry itself, at any depth', () => {
  const groups = [unit('g', RETRY), unit('g.days', MAP), unit('g.inner', RETRY)];
  const tasks = [
    node('g.a'),
    node('g.days.b', { retries }),
    node('g.days.c', { retries }),
    node('g.inner.d'),
  ];
  expect(told(nestedRetries, sales(tasks, { groups }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › group "g" › retries: must not retry what retries itself, got "g.days.b" and 2 more; leave out either; against the defaults of the DAG write { defaults: { retries: 0 } } on the group",
    ]
  `);
});

test('no tries are none', () => {
  const groups = [unit('g', RETRY), unit('h', { kind: 'retry', retries: { attempts: 0 } }), unit('m', MAP)];
  const tasks = [
    node('g.a', { retries: [{ on: ['FailTask'], attempts: 0 }] }),
    node('h.b', { retries }),
    node('m.c', { retries }),
  ];
  expect(told(nestedRetries, sales(tasks, { groups }))).toEqual([]);
});
