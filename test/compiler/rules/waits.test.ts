import { describe, expect, test } from 'vitest';
import { engineArguments } from '../../../lib/compiler/rules/engine-arguments.ts';
import { unknownEngine } from '../../../lib/compiler/rules/unknown-engine.ts';
import { waits } from '../../../lib/compiler/rules/waits.ts';
import { wrongConnectionKind } from '../../../lib/compiler/rules/wrong-connection-kind.ts';
import type { CallNode, PokeNode } from '../../../lib/model/task.ts';
import { node, outputOf, sales, told, untyped } from './graphs.ts';

type SensorNode = Extract<CallNode, { kind: 'sensor' }>;

const POKE: PokeNode = { pokeEvery: '1m', backoff: 1, timeout: '7d', softFail: false };

function looking(poke: object, sensor: Partial<SensorNode> = {}) {
  const call: SensorNode = {
    kind: 'sensor',
    sensor: 'file.exists',
    args: { path: 'a.csv' },
    poke: untyped<PokeNode>({ ...POKE, ...poke }),
    ...sensor,
  };
  return sales([node('ready', { call })]);
}

function asking(choices: readonly string[], rejects: readonly string[]) {
  return sales([node('gate', { call: { kind: 'approve', message: 'Go?', choices, rejects } })]);
}

describe('a sensor', () => {
  test('looks at sane times', () => {
    const sound = [{}, { pokeEvery: 1, timeout: 1 }, { backoff: 2, maxPokeEvery: '1m' }];
    expect(sound.flatMap((poke) => told(waits, looking(poke)))).toEqual([]);
    const broken = [
      { pokeEvery: 0 },
      { pokeEvery: '-1m' },
      { timeout: 'soon' },
      { timeout: '30s' },
      { backoff: 0.5 },
      { maxPokeEvery: '30s' },
    ];
    expect(broken.flatMap((poke) => told(waits, looking(poke)))).toMatchInlineSnapshot(`
      [
        "dag "sales" › task "ready" › pokeEvery: must be whole seconds from 1 s, got 0; write '1m'",
        "dag "sales" › task "ready" › pokeEvery: must be whole seconds from 1 s, got "-1m"; write '1m'",
        "dag "sales" › task "ready" › timeout: must be whole seconds from 1 s, got "soon"; write '12h'",
        "dag "sales" › task "ready" › timeout: must be at least pokeEvery ("1m"), got "30s": it would look once; look more often, or wait longer",
        "dag "sales" › task "ready" › backoff: must be at least 1, got 0.5; write 1, or 2 to double the waits",
        "dag "sales" › task "ready" › maxPokeEvery: must be whole seconds from pokeEvery ("1m"), got "30s"; make it longer, or leave it out for no limit",
      ]
    `);
  });

  test('is one there is, with what it takes', () => {
    const dags = [
      looking({}, { sensor: 'file.exist' }),
      looking({}, { args: { path: '../secret' } }),
      looking({}, { sensor: 'http.request', args: { path: '/x', method: 'GET' } }),
    ];
    const rules = [unknownEngine, engineArguments, wrongConnectionKind];
    expect(dags.flatMap((dag) => rules.flatMap((rule) => told(rule, dag)))).toMatchInlineSnapshot(`
      [
        "dag "sales" › task "ready" › sensor: must be a sensor there is, got "file.exist"; did you mean "file.exists"?",
        "dag "sales" › task "ready" › path: must be a path inside files, got "../secret"; write 'incoming/orders.csv', or 'incoming/*.csv'",
        "dag "sales" › task "ready" › connection: must be a connection of kind http for http.request, got none; declare one: connection.http('name')",
      ]
    `);
    expect(rules.flatMap((rule) => told(rule, looking({}, { sensor: 'fn', args: null })))).toEqual([]);
  });
});

test('an instant has its zone', () => {
  const until = (instant: Extract<CallNode, { kind: 'at' }>['instant']) =>
    told(waits, sales([node('late', { call: { kind: 'at', instant } })]));
  expect([
    ...until('2026-08-22T06:00:00Z'),
    ...until('2028-02-29T06:00+02:00'),
    ...until(outputOf('a')),
  ]).toEqual([]);
  expect([...until('2026-08-22'), ...until('2026-02-30T06:00:00Z'), ...until(5)]).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "late" › instant: must be an instant with its zone, ISO 8601, got "2026-08-22"; write '2026-08-22T06:00:00Z'",
      "dag "sales" › task "late" › instant: must be an instant with its zone, ISO 8601, got "2026-02-30T06:00:00Z"; write '2026-08-22T06:00:00Z'",
      "dag "sales" › task "late" › instant: must be an instant with its zone, ISO 8601, got 5; write '2026-08-22T06:00:00Z'",
    ]
  `);
});

test('an approval has answers, one of which goes on', () => {
  expect(told(waits, asking(['approve', 'reject'], ['reject']))).toEqual([]);
  expect([
    ...told(waits, asking([], [])),
    ...told(waits, asking(['a', 'b', 'a'], [])),
    ...told(waits, asking(['a'], ['b'])),
    ...told(waits, asking(['a', 'b'], ['b', 'a'])),
  ]).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "gate" › choices: must be at least one, got none; write ['approve', 'reject']",
      "dag "sales" › task "gate" › choices: must be different words, got ["a","b","a"]; remove the one that is there twice, or empty",
      "dag "sales" › task "gate" › rejects: must be choices, got "b" beside ["a"]; add it to choices, or remove it here",
      "dag "sales" › task "gate" › rejects: must leave a choice that goes on, got all of them; remove one, or add a choice",
    ]
  `);
});
