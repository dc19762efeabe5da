import { expect, test } from 'vitest';
import { auxiliary, parallelName } from '../../lib/compiler/names.ts';
import { fetchedVariable, holderVariable, variable } from '../../lib/model/variables.ts';

test('ids that differ only in what a variable cannot hold keep different variables', () => {
  const ids = ['a.b', 'a-b', 'a_b', 'a_db', 'a_hb', 'ab', 'a__b', 'ä', 'a_ue4_'];
  expect(new Set(ids.map((id) => variable(id, 0))).size).toBe(ids.length);
  expect(variable('a', 1)).not.toBe(variable('a', 0));
});

test('variables and state names of the longest ids stay within 80 characters and apart', () => {
  const long = ['x'.repeat(80), `${'x'.repeat(79)}y`, '_'.repeat(80), '-'.repeat(80)];
  const variables = long.map((id) => variable(id, 2));
  expect(Math.max(...variables.map((name) => name.length))).toBeLessThanOrEqual(80);
  expect(new Set(variables).size).toBe(long.length);
  expect(fetchedVariable(long[0] ?? '', long[1] ?? '').length).toBeLessThanOrEqual(80);
  expect(Math.max(...long.map((id) => holderVariable(id).length))).toBeLessThanOrEqual(80);
  expect(new Set(long.map((id) => auxiliary(id, 'wait something'))).size).toBe(long.length);
});

test('names with characters of two halves stay within 80 characters, and whole', () => {
  const name = parallelName(['😀', 'x'.repeat(80)]);
  expect(name.length).toBeLessThanOrEqual(80);
  const cut = auxiliary('😀'.repeat(40), 'gate');
  expect(cut.length).toBeLessThanOrEqual(80);
  expect(cut.isWellFormed()).toBe(true);
});
