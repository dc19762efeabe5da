import { expect, test } from 'vitest';
import { cheaper } from '../../../lib/compiler/bounds/cheaper.ts';
import { compile } from '../../../lib/compiler/compile.ts';
import { dag, fn, param, sensor } from '../../../lib/index.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { earlyRules, mappedGroup, nGraph, series } from '../../features.ts';

const changes = (of: DagNode) => cheaper(of, compile(of)).map(({ change }) => change);
const patient = dag('patient', {}, ({ task }) => {
  task(
    'arrived',
    sensor.fn(() => false, { pokeEvery: '1m', timeout: '1d' }),
  );
});
const bounded = dag(
  'bounded',
  { params: { files: param.list({ items: param.string(), default: [] }) } },
  ({ task, params }) => {
    task.map('load', params.files, (path) => fn({ path }, () => undefined), { maxItems: 40 });
  },
);

test.each([
  ['nothing, of a chain', series, []],
  ['an edge that alone asks for a latch', nGraph, [expect.stringMatching(/^without the edge [ab] → [cd]$/)]],
  ['fewer looks', patient, ["arrived with exponential: true, maxPokeEvery: '1h'"]],
  ['a bound of a list of any length', mappedGroup, ['each with maxItems: 1000']],
  ['nothing, of a map that has one', bounded, []],
])('suggests %s', (_what, of, suggested) => {
  expect(changes(of)).toEqual(suggested);
});

test('suggests late rules for early ones, the best first', () => {
  const savings = cheaper(earlyRules, compile(earlyRules));
  expect(savings.map(({ change }) => change)).toContain(
    'first_end with the trigger rule all_done instead of one_done',
  );
  const transitions = savings.map((saving) => saving.transitions);
  expect(transitions).toEqual([...transitions].sort((a, b) => b - a));
});
