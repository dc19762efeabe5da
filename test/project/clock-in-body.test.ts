import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readsIn } from '../../lib/project/clock-reads.ts';
import { loadPipelines } from '../../lib/project/load.ts';
import { project, tutti } from '../cli/tutti.ts';

describe('what a function reads of the clock', () => {
  test.each([
    ['() => new Date()', ['new Date()']],
    ['() => new Date', ['new Date()']],
    ['() => Date()', ['Date()']],
    ['async ({ day }, { log }) => { log.info(Date.now()); }', ['Date.now()']],
    ['async function load(rows, now = Date.now()) { return rows; }', ['Date.now()']],
    ['async load(rows) { return new Date().toISOString(); }', ['new Date()']],
    ['*all() { yield Math.random(); }', ['Math.random()']],
    ['(rows) => rows.map(Date.now)', ['Date.now()']],
    ['() => [Math.random(), new Date(), Date.now()]', ['Math.random()', 'new Date()', 'Date.now()']],
    ['(rows) => { { const Date = rows; } return Date.now(); }', ['Date.now()']],
  ])('%s', (text, got) => {
    expect(readsIn(text).map((read) => read.got)).toEqual(got);
    for (const { offset, got: name } of readsIn(text)) {
      expect(text.slice(offset)).toMatch(new RegExp(`^${name.slice(0, 8).replaceAll(/[()]/g, '\\$&')}`));
    }
  });

  test.each([
    '({ day }) => new Date(day)',
    '({ day }) => Date.parse(day) + Date.UTC(2026, 1)',
    '() => { /* new Date() */ return "Date.now()"; } // Math.random()',
    '() => `new Date()`',
    '(Date) => new Date()',
    '({ clock: Date = 1 }) => Date.now()',
    '([Date, ...rest]) => rest.map(() => Date.now())',
    '() => { const Date = clockOf(); return () => Date.now(); }',
    '() => { function Date() {} return new Date(); }',
    '() => { try { work(); } catch (Date) { return new Date(); } }',
    '(my) => my.Date.now() + my.random() + my["Date"]()',
    '() => performance.now()',
    'function () { [native code] }',
    'class Load { constructor() { this.at = 1; } }',
  ])('%s reads nothing', (text) => {
    expect(readsIn(text)).toEqual([]);
  });
});

const CLOCKS = `
import { dag, fn, sensor } from 'tutti';
import { stamp } from './support/stamp.ts';

const twice = () => Date.now();

export const clocks = dag('clocks', {}, ({ task, run }) => {
  const day = run.interval.date;
  const a = task('a', fn({ day }, async ({ day }: { day: string }) => {
    const at = new Date();
    return { at, day: new Date(day) };
  }));
  task('b', fn({ day }, stamp), { after: a });
  task('c', fn(twice));
  task('d', fn(twice));
  task('e', fn(() => Math.random()));
  task('f', fn(() => Math.random()));
  task('g', sensor.fn({}, () => Date.now() > 0));
});

export const sound = dag('sound', {}, ({ task, run }) => {
  task('a', fn({ day: run.interval.date }, ({ day }) => ({ at: new Date(day).getTime() })));
});
`;
const STAMP = `
/** Stamps a row. */
export async function stamp({ day }: { day: string }) {
  return { day, loadedAt: Date.now() };
}
`;
const FILES = { 'pipelines/clocks.ts': CLOCKS, 'pipelines/support/stamp.ts': STAMP };

test('every read of a clock in a body is a warning where the author wrote it, once', async () => {
  const root = project(FILES);
  const { problems } = await loadPipelines({ root, patterns: ['pipelines/*.ts'] });
  const place = ({ at }: (typeof problems)[number]) =>
    `${at?.file.slice(root.length + 1)}:${at?.line}:${at?.column}`;
  expect(problems.map((problem) => [problem.code, problem.path, place(problem)])).toEqual([
    ['clock-in-body', 'dag "clocks" › task "a" › fn', 'pipelines/clocks.ts:10:16'],
    ['clock-in-body', 'dag "clocks" › task "b" › fn', 'pipelines/support/stamp.ts:4:27'],
    ['clock-in-body', 'dag "clocks" › task "c" › fn', 'pipelines/clocks.ts:5:21'],
    ['random-in-body', 'dag "clocks" › task "e" › fn', 'pipelines/clocks.ts:16:22'],
    ['random-in-body', 'dag "clocks" › task "f" › fn', 'pipelines/clocks.ts:17:22'],
    ['clock-in-body', 'dag "clocks" › task "g" › fn', 'pipelines/clocks.ts:18:33'],
  ]);
  expect(problems.every(({ severity }) => severity === 'warning')).toBe(true);
});

test('tutti check shows them and passes', async () => {
  const root = project({
    'pipelines/clocks.ts': CLOCKS.replace('./support/', './'),
    'pipelines/stamp.ts': STAMP,
  });
  const { code, stderr } = await tutti(root, 'check');
  expect(code).toBe(0);
  expect(stderr).toContain('warning clock-in-body  dag "clocks" › task "a" › fn');
  expect(stderr).toContain('should give the same whenever it runs for an interval, got new Date()');
  expect(stderr).toContain('→ take run.interval as an input');
  expect(stderr).toContain(join('pipelines', 'clocks.ts:10:16'));
});
