import { expect, test } from 'vitest';
import { maps } from '../../../lib/compiler/rules/maps.ts';
import type { MapNode } from '../../../lib/model/module.ts';
import type { Expression } from '../../../lib/model/ref.ts';
import { choose, node, outputOf, sales, told, unit, untyped } from './graphs.ts';

function mapped(map: MapNode | object, id = 'load') {
  return node(id, { map: untyped<MapNode>({ items: ['a'], ...map }) });
}

function over(expression: Expression) {
  return mapped({ items: { $ref: expression } });
}

test('a map is over a list', () => {
  const params = { region: { type: 'string' }, regions: { type: 'array' } } as const;
  const tasks = [
    mapped({ items: 'abc' }),
    mapped({ items: { a: 1 } }),
    over({ kind: 'param', name: 'region', path: [] }),
    over({ kind: 'run', path: ['id'] }),
    over({ kind: 'text', parts: ['a'] }),
    over({ kind: 'call', op: 'eq', args: [1, 1] }),
  ];
  const sound = [
    mapped({ items: [] }),
    mapped({ items: outputOf('list') }),
    over({ kind: 'param', name: 'regions', path: [] }),
    over({ kind: 'param', name: 'gone', path: [] }),
    over({ kind: 'item', of: 'g', path: [] }),
    over({ kind: 'call', op: 'orElse', args: [outputOf('list'), []] }),
  ];
  expect(told(maps, sales(sound, { params }))).toEqual([]);
  expect(told(maps, sales(tasks, { params }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › items: must be a list, got "abc"; give a list, or a Ref to one",
      "dag "sales" › task "load" › items: must be a list, got {"a":1}; give a list, or a Ref to one",
      "dag "sales" › task "load" › items: must be a list, got params.region of type string; declare it by param.list({ items: … })",
      "dag "sales" › task "load" › items: must be a list, got a fact about the run; give a list, or a Ref to one",
      "dag "sales" › task "load" › items: must be a list, got a text; give a list, or a Ref to one",
      "dag "sales" › task "load" › items: must be a list, got the condition eq(…); give a list, or a Ref to one",
    ]
  `);
});

test('a list is at most a million items long, and at most as long as it says', () => {
  const items = (length: number) => ({ items: Array.from({ length }, () => 0) });
  expect(told(maps, sales([mapped(items(1_000_000)), mapped({ ...items(3), maxItems: 3 })]))).toEqual([]);
  expect(
    told(maps, sales([mapped(items(1_000_001)), mapped({ ...items(3), maxItems: 2 })])),
  ).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › items: must have at most 1,000,000 items, got 1,000,001; map over batches: lists of some hundred items each",
      "dag "sales" › task "load" › items: must have at most maxItems (2), got 3; raise maxItems, or leave it out: the length is known",
    ]
  `);
});

test('bounds can hold', () => {
  const sound = [
    { concurrency: 1 },
    { tolerate: 0 },
    { tolerate: '0%' },
    { tolerate: '12.5%' },
    { tolerate: '100%' },
  ];
  expect(
    told(maps, sales([...sound, { maxItems: 1 }, { maxItems: 1_000_000 }].map((map) => mapped(map)))),
  ).toEqual([]);
  const tasks = [
    { concurrency: 0 },
    { concurrency: 1.5 },
    { tolerate: -1 },
    { tolerate: '120%' },
    { tolerate: '-5%' },
    { tolerate: 'some' },
    { maxItems: 0 },
    { maxItems: 1_000_001 },
  ].map((map) => mapped(map));
  expect(told(maps, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › concurrency: must be a whole number from 1, got 0; write how many may run at the same time, or leave it out for no bound",
      "dag "sales" › task "load" › concurrency: must be a whole number from 1, got 1.5; write how many may run at the same time, or leave it out for no bound",
      "dag "sales" › task "load" › tolerate: must be a whole number from 0 or a share from '0%' to '100%', got -1; write how many may fail: 3, or '10%'",
      "dag "sales" › task "load" › tolerate: must be a whole number from 0 or a share from '0%' to '100%', got "120%"; write how many may fail: 3, or '10%'",
      "dag "sales" › task "load" › tolerate: must be a whole number from 0 or a share from '0%' to '100%', got "-5%"; write how many may fail: 3, or '10%'",
      "dag "sales" › task "load" › tolerate: must be a whole number from 0 or a share from '0%' to '100%', got "some"; write how many may fail: 3, or '10%'",
      "dag "sales" › task "load" › maxItems: must be a whole number from 1 to 1,000,000, got 0; write the longest list there may be, or leave it out",
      "dag "sales" › task "load" › maxItems: must be a whole number from 1 to 1,000,000, got 1000001; write the longest list there may be, or leave it out",
    ]
  `);
});

test('a mapped group has the same bounds', () => {
  const groups = [unit('g', { kind: 'map', items: untyped(5), tolerate: '101%' })];
  expect(told(maps, sales([node('g.a')], { groups }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › group "g" › items: must be a list, got 5; give a list, or a Ref to one",
      "dag "sales" › group "g" › tolerate: must be a whole number from 0 or a share from '0%' to '100%', got "101%"; write how many may fail: 3, or '10%'",
    ]
  `);
});

test('what decides for those around it is not mapped', () => {
  const map = { items: ['a'] };
  const tasks = [
    node('size', { map, call: choose('big', 'small') }),
    node('some', { map, call: { kind: 'shortCircuit', condition: true, respectTriggerRules: false } }),
    node('stop', { map, teardownOf: ['start'], triggerRule: 'all_done_setup_success' }),
  ];
  expect(told(maps, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "size" › map: must not map a branch, which runs once for those around it; put it into a mapped group, where each run has its own: group.map(…)",
      "dag "sales" › task "some" › map: must not map a short circuit, which runs once for those around it; put it into a mapped group, where each run has its own: group.map(…)",
      "dag "sales" › task "stop" › map: must not map a teardown, which runs once for those around it; put it into a mapped group, where each run has its own: group.map(…)",
    ]
  `);
});
