import { expect, test } from 'vitest';
import { functions } from '../../../lib/compiler/rules/functions.ts';
import { dag, fn } from '../../../lib/index.ts';
import { node, QUERY, sales, told, untyped } from './graphs.ts';

test('a function may take 15 minutes, an engine longer', () => {
  const tasks = [
    node('x', { timeout: '40m' }),
    node('chooses', { call: { kind: 'branch', inputs: null, labels: ['a'] }, timeout: 901 }),
    node('longest', { timeout: '15m' }),
    node('engine', { call: QUERY, timeout: '2h' }),
  ];
  expect(told(functions, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "x" › timeout: a function task may run 15m, got 40m; use ecs.runTask({…}) or split it",
      "dag "sales" › task "chooses" › timeout: a function task may run 15m, got 901s; use ecs.runTask({…}) or split it",
    ]
  `);
});

test('memory, /tmp and the network are what Lambda has', () => {
  const vpc = { subnetIds: ['subnet-1'], securityGroupIds: [] };
  const tasks = [
    node('a', { call: { kind: 'fn', inputs: null, memory: 64 } }),
    node('b', { call: { kind: 'fn', inputs: null, memory: untyped('1g'), ephemeralStorage: 20_000 } }),
    node('c', { call: { kind: 'fn', inputs: null, vpc } }),
    node('d', { call: { kind: 'fn', inputs: null, memory: 1024, ephemeralStorage: 512, vpc: false } }),
  ];
  expect(told(functions, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "a" › fn.memory: must be whole MB from 128 to 10,240, got 64; write 1024",
      "dag "sales" › task "b" › fn.memory: must be whole MB from 128 to 10,240, got "1g"; write 1024",
      "dag "sales" › task "b" › fn.ephemeralStorage: must be whole MB from 512 to 10,240, got 20000; write 2048",
      "dag "sales" › task "c" › fn.vpc: must be { subnetIds, securityGroupIds }, each at least one, or false, got {"subnetIds":["subnet-1"],"securityGroupIds":[]}; write { subnetIds: ['subnet-…'], securityGroupIds: ['sg-…'] }",
    ]
  `);
});

test('a default longer than that is cut for functions, an own timeout is refused', () => {
  const declared = dag('d', { defaults: { timeout: '1h' } }, ({ task }) => {
    task(
      'a',
      fn(() => 1),
    );
    task(
      'b',
      fn(() => 1, { timeout: '2m' }),
    );
  });
  expect(declared.tasks.map(({ timeout }) => timeout)).toEqual(['15m', '2m']);
  expect(() =>
    dag('d', {}, ({ task }) => {
      task(
        'x',
        fn(() => 1),
        { timeout: '40m' },
      );
    }),
  ).toThrow('task "x" › timeout: a function task may run 15m, got 40m; use ecs.runTask({…}) or split it');
});
