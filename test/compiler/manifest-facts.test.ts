/** What the manifest tells a picture beside who waits for whom. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import { inWords } from '../../lib/compiler/in-words.ts';
import { dag, fn, pool, sensor } from '../../lib/index.ts';
import type { Operand } from '../../lib/model/ref.ts';
import { groupRetries, loops, mapping, runRetries } from '../features.ts';

const nothing = fn(() => undefined);
const rows: Operand = { $ref: { kind: 'output', task: 'load.count', path: ['rows', 0] } };
const limit: Operand = { $ref: { kind: 'param', name: 'limit', path: ['max'] } };

describe('an expression in words', () => {
  const call = (op: 'gte' | 'and' | 'not' | 'orElse' | 'eq', ...args: readonly Operand[]): Operand => ({
    $ref: { kind: 'call', op, args },
  });

  test('names outputs, params, facts, items and constants', () => {
    expect(inWords(rows)).toBe('load.count.rows.0');
    expect(inWords(limit)).toBe('params.limit.max');
    expect(inWords({ $ref: { kind: 'run', path: ['interval', 'date'] } })).toBe('run.interval.date');
    expect(inWords({ $ref: { kind: 'item', of: 'g', path: ['name'] } })).toBe('item.name');
    expect(inWords({ $ref: { kind: 'previous', of: 'g', path: [] } })).toBe('previous');
    expect(inWords({ $ref: { kind: 'text', parts: ['of ', rows] } })).toBe('of {load.count.rows.0}');
    expect(inWords(['eu', limit])).toBe('["eu","params.limit.max"]');
  });

  test('puts operators between, and brackets around what stands inside', () => {
    expect(inWords(call('gte', rows, 3))).toBe('load.count.rows.0 ≥ 3');
    expect(inWords(call('and', call('eq', rows, 3), call('not', limit)))).toBe(
      '(load.count.rows.0 = 3) and not params.limit.max',
    );
    expect(inWords(call('not', call('orElse', limit, false)))).toBe('not (params.limit.max or else false)');
  });
});

describe('the manifest', () => {
  test('says of a module what it repeats, over what, and how often', () => {
    const facts = [mapping, groupRetries, loops].flatMap((each) => compile(each).manifest.modules ?? []);
    expect(facts).toMatchObject([
      { id: 'regions', kind: 'map', items: '["eu","us"]', tolerate: 1 },
      { id: 'loaded', kind: 'map', items: 'listed.files', concurrency: 2 },
      { id: 'load', kind: 'retry', attempts: 2 },
      { id: 'pages', kind: 'loop', until: 'pages.fetch.rows ≥ 3', maxIterations: 5 },
    ]);
    expect(compile(runRetries).manifest).toMatchObject({ runRetries: 1, tasks: [{ id: 'a' }, { id: 'b' }] });
  });

  test('says of a task how often it is tried, how long it may take, and what it holds', () => {
    const places = pool('places', { slots: 3 });
    const made = dag('facts', { deadline: '6h', runTimeout: '1d' }, ({ task }) => {
      const retries = [{ on: 'Busy', attempts: 3 }, { attempts: 2 }];
      task('a', nothing, { retries, timeout: '5m', deadline: '2h', pool: { pool: places, slots: 2 } });
      task('b', sensor.file('in/*.csv', { timeout: '3h' }));
      task('c', sensor.at('2026-08-22T06:00:00Z'));
      task('d', nothing);
    });
    const { manifest } = compile(made);
    expect(manifest).toMatchObject({ deadline: '6h', runTimeout: '1d' });
    expect(manifest.tasks).toMatchObject([
      { kind: 'fn', attempts: 5, timeout: '5m', deadline: '2h', pool: { name: 'places', slots: 2 } },
      { kind: 'sensor.file', timeout: '3h' },
      { kind: 'sensor.at' },
      { kind: 'fn' },
    ]);
    expect(Object.keys(manifest.tasks[3] ?? {})).toEqual(['id', 'upstream', 'triggerRule', 'layout', 'kind']);
  });
});
