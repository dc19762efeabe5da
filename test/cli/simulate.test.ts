import { expect, test } from 'vitest';
import { SALES } from './sales.ts';
import { project, tutti } from './tutti.ts';

const OTHERS = `
import { cron, dag, every, fn } from 'tutti';

export const lazy = dag('lazy', { schedule: cron('0 6 * * *'), start: '2026-01-01', deadline: '30s' }, ({ task }) => {
  task('only', fn(() => 1));
});
export const asked = dag('asked', {}, ({ task }) => {
  task('only', fn(() => 1));
});
`;
const SCRIPT = `
import type { ScheduleOptions } from 'tutti/testing';

export const script: Partial<ScheduleOptions> = {
  scripts: { lazy: { only: [{ durationSec: 60 }] }, sales: { load: [{ outcome: 'failed' }] } },
  events: [
    { at: '2026-01-03T00:00:00Z', pause: 'lazy' },
    { at: '2026-01-06T12:00:00Z', unpause: 'lazy' },
  ],
};
`;
const WEEK = ['--from', '2026-01-01', '--to', '2026-01-08'];

test('a folder of DAGs lives through a week: runs, lateness, retries, costs, and what has no run and why', async () => {
  const root = project({ 'pipelines/sales.ts': SALES, 'pipelines/others.ts': OTHERS, 'week.ts': SCRIPT });
  const { code, stdout, stderr } = await tutti(root, 'simulate', ...WEEK, '--script', 'week.ts');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n').map((line) => line.trimEnd().replaceAll(/ {2,}/g, ' | '));
  expect(lines.slice(0, 6)).toEqual([
    '2026-01-01 to 2026-01-08',
    '',
    'dag | runs | success | failed | other | late | retries | transitions | $ a month',
    'lazy | 3 | 3 | 0 | 0 | 3 | 0 | 3 | $0.0003',
    'asked | 0 | 0 | 0 | 0 | 0 | 0 | 0 | $0.0000',
    'sales | 6 | 0 | 6 | 0 | 0 | 12 | 30 | $0.0033',
  ]);
  expect(stdout).toContain('intervals without a run (1)');
  expect(stdout).toMatch(/lazy {2}3 intervals \(2026-01-02T06:00:00Z … 2026-01-04T06:00:00Z\): /);
});

const ASKS = `
import { cron, dag, fn, gt } from 'tutti';

export const asks = dag('asks', { schedule: cron('0 6 * * *'), start: '2026-01-01' }, ({ task, shortCircuit }) => {
  const size = task('size', fn(() => ({ rows: 1 })));
  task('load', fn(() => 1), { after: shortCircuit('some', gt(size.output.rows, 0)) });
});
`;

test('a condition that asks about an output that no script gives fails, and says what to do', async () => {
  const { code, stdout } = await tutti(project({ 'pipelines/asks.ts': ASKS }), 'simulate', ...WEEK);
  expect(code).toBe(0);
  expect(stdout).toMatch(/ failed: some: Dag\.NoAnswer: its condition must have an answer, got .{20,60}…\n/);
  expect(stdout).toContain('\noutputs are empty where nothing says them: --script gives conditions some');
});

test('one DAG, as a document', async () => {
  const root = project({ 'pipelines/sales.ts': SALES, 'pipelines/others.ts': OTHERS });
  const { code, stdout } = await tutti(
    root,
    'simulate',
    'lazy',
    ...WEEK,
    '--json',
    '--faults',
    '0.5',
    '--seed',
    '3',
  );
  const document = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(Object.keys(document)).toEqual([
    'from',
    'to',
    'runs',
    'intervals',
    'problems',
    'transitions',
    'dollars',
    'messages',
    'failures',
    'dollarsPerMonth',
  ]);
  expect(document.runs).toHaveLength(6);
  expect(new Set(document.runs.map(({ state }: { state: string }) => state))).toEqual(
    new Set(['success', 'failed']),
  );
});

test.each([
  ['an unknown DAG', ['lazzy'], 3, 'got "lazzy"'],
  ['a reversed range', ['--from', '2026-02-01', '--to', '2026-01-01'], 2, 'the earlier first'],
  ['a share that is none', ['--faults', 'many'], 2, 'from 0 to below 1'],
  ['a script that is not there', ['--script', 'nowhere.ts'], 2, 'no file at "nowhere.ts"'],
  ['a script that exports none', ['--script', 'pipelines/others.ts'], 2, 'exports asked, lazy'],
  ['a script of another project', ['--script', 'wrong.ts'], 3, 'did you mean "lazy"?'],
])('%s is refused', async (_, args, exitCode, text) => {
  const wrong = 'export const script = { events: [{ at: "2026-01-02", pause: "lazi" }] };';
  const root = project({ 'pipelines/others.ts': OTHERS, 'wrong.ts': wrong });
  const { code, stdout, stderr } = await tutti(root, 'simulate', ...args);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  expect(stderr).toContain(text);
});
