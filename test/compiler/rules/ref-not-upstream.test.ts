import { expect, test } from 'vitest';
import { refNotUpstream } from '../../../lib/compiler/rules/ref-not-upstream.ts';
import { node, outputOf, reading, sales, told } from './graphs.ts';

test('a Ref to a task that is not above is told', () => {
  const tasks = [
    node('fetch'),
    node('other'),
    node('load', { after: ['fetch'], call: reading('other') }),
    node('self', { call: reading('self') }),
    node('typo', { after: ['fetch'], call: reading('fetsh') }),
    node('below', { call: reading('report') }),
    node('report', { after: ['below'] }),
  ];
  expect(told(refNotUpstream, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › inputs.rows: must read the output of a task above it, got "other"; add it: { after: other }",
      "dag "sales" › task "self" › inputs.rows: must not read its own output, which is there when the task has ended; read a task above it",
      "dag "sales" › task "typo" › inputs.rows: must read the output of a task of this DAG, got "fetsh"; did you mean "fetch"?",
      "dag "sales" › task "below" › inputs.rows: must read the output of a task above it, got "report"; add it: { after: report }",
    ]
  `);
});

test('a task far above, and a direct one, may be read', () => {
  const tasks = [
    node('a'),
    node('b', { after: ['a'] }),
    node('c', { after: ['b'] }),
    node('d', { after: ['c'], call: { kind: 'fn', inputs: [outputOf('a'), outputOf('c')] } }),
  ];
  expect(told(refNotUpstream, sales(tasks))).toEqual([]);
});

test('params and facts there are not are told with the nearest ones', () => {
  const inputs = {
    region: { $ref: { kind: 'param', name: 'regoin', path: [] } },
    day: { $ref: { kind: 'run', path: ['interval', 'strt'] } },
    ok: { $ref: { kind: 'run', path: ['interval', 'date'] } },
  };
  const dag = sales([node('load', { call: { kind: 'fn', inputs } })], {
    params: { region: { type: 'string' } },
  });
  expect(told(refNotUpstream, dag)).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › inputs.region: must read a param of this DAG, got "regoin"; did you mean "region"?",
      "dag "sales" › task "load" › inputs.day: must read a fact about the run, got "interval.strt"; did you mean "interval.start"?",
    ]
  `);
});

test('Refs inside texts and conditions count', () => {
  const when = { $ref: { kind: 'call' as const, op: 'gt' as const, args: [outputOf('b'), 1] } };
  const text = { $ref: { kind: 'text', parts: ['x', outputOf('b')] } };
  const tasks = [
    node('a', { call: { kind: 'choose', cases: [{ label: 'x', when }] } }),
    node('c', { call: { kind: 'fn', inputs: { text } } }),
    node('b'),
  ];
  expect(told(refNotUpstream, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "a" › cases[0].when: must read the output of a task above it, got "b"; add it: { after: b }",
      "dag "sales" › task "c" › inputs.text: must read the output of a task above it, got "b"; add it: { after: b }",
    ]
  `);
});

test('data that is no Ref is passed over', () => {
  const inputs = {
    a: { $ref: null },
    b: { $ref: { kind: 'output' } },
    c: { $ref: { kind: 'call', op: 'eq', args: 5 } },
  };
  expect(told(refNotUpstream, sales([node('a', { call: { kind: 'fn', inputs } })]))).toEqual([]);
});
