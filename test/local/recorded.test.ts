import { expect, test } from 'vitest';
import { TaskTokens } from '../../lib/interpreter/tokens.ts';
import { latchTable } from '../../lib/local/latch-table.ts';
import { recordOutput, withRecorded } from '../../lib/local/recorded.ts';
import { simulatedInput } from '../../lib/local/simulated-input.ts';

const input = simulatedInput({ dagId: 'd', params: {} }, []);

function recorded() {
  const table = latchTable(new TaskTokens());
  recordOutput(table, input, { task: 'once' }, { rows: 3, '': { rows: 3 } });
  recordOutput(table, input, { task: 'load', instance: '0' }, { rows: 10 });
  recordOutput(table, input, { task: 'load', instance: '2' }, { rows: 12 });
  recordOutput(table, input, { task: 'g.load', instance: '2.1' }, { rows: 21 });
  return table;
}

test('a recorded field stands where it is named, and nothing where it was not recorded', () => {
  const args = {
    rows: { $output: { task: 'once', field: 'rows' } },
    list: [{ $output: { task: 'once', field: '' } }, { $output: { task: 'once', field: 'no' } }],
    gone: { $output: { task: 'never', field: 'rows' } },
  };
  expect(withRecorded(recorded(), input, args)).toEqual({ rows: 3, list: [{ rows: 3 }, null] });
});

test('what an instance recorded is its own', () => {
  const of = (task: string, instance?: string) => {
    const marker = { task, field: 'rows', ...(instance === undefined ? {} : { instance }) };
    return withRecorded(recorded(), input, { rows: { $output: marker } })['rows'];
  };
  expect(of('load', '2')).toBe(12);
  expect(of('g.load', '2.1')).toBe(21);
  expect(of('g.load', '2')).toBeUndefined();
  expect(of('load')).toBeUndefined();
});

test('the list of what a map gave has a place for each item', () => {
  const list = (marker: { readonly task: string; readonly items: number; readonly instance?: string }) =>
    withRecorded(recorded(), input, { list: { $output: { field: 'rows', ...marker } } })['list'];
  expect(list({ task: 'load', items: 3 })).toEqual([10, null, 12]);
  expect(list({ task: 'load', items: 0 })).toEqual([]);
  expect(list({ task: 'g.load', items: 2, instance: '2' })).toEqual([null, 21]);
});
