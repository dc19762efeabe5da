import { expect, test } from 'vitest';
import { paramDefault } from '../../../lib/compiler/rules/param-default.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { node, sales, told, untyped } from './graphs.ts';

test('a default that breaks its own schema is told', () => {
  const params = untyped<DagNode['params']>({
    region: { type: 'string', default: 5 },
    zone: { type: 'string', default: 'asia', enum: ['eu', 'us'] },
    days: { type: 'integer', default: 1.5 },
    few: { type: 'number', default: 0, minimum: 1 },
    many: { type: 'number', default: 9, maximum: 5 },
    code: { type: 'string', default: 'x1', pattern: '^[a-z]+$' },
    names: { type: 'array', default: ['a', 2], items: { type: 'string' } },
    odd: { type: 'text' },
    broken: { type: 'string', pattern: '(' },
  });
  expect(told(paramDefault, sales([node('a')], { params }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › params.region.default: must be a string, got 5; change the default or the schema",
      "dag "sales" › params.zone.default: must be "eu" or "us", got "asia"; change the default or the schema",
      "dag "sales" › params.days.default: must be an integer, got 1.5; change the default or the schema",
      "dag "sales" › params.few.default: must be at least 1, got 0; change the default or the schema",
      "dag "sales" › params.many.default: must be at most 5, got 9; change the default or the schema",
      "dag "sales" › params.code.default: must match /^[a-z]+$/u, got "x1"; change the default or the schema",
      "dag "sales" › params.names.default: must be a list of string items without 2, got ["a",2]; change the default or the schema",
      "dag "sales" › params.odd.type: must be a type of JSON Schema, got "text"; write string, number, integer, boolean, object or array",
      "dag "sales" › params.broken.pattern: must be a regular expression, got "("",
    ]
  `);
});

test('defaults that fit, and params without one, are fine', () => {
  const params = untyped<DagNode['params']>({
    region: { type: 'string', default: 'eu', enum: ['eu'] },
    date: { type: 'string' },
    list: { type: 'array', default: [] },
  });
  expect(told(paramDefault, sales([node('a')], { params }))).toEqual([]);
});
