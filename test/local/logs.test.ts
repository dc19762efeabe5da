import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileLogs } from '../../lib/local/logs.ts';
import type { LogPage } from '../../lib/orchestrator/ports.ts';
import { temporaryFolder } from './dag.ts';

const TRY = { execution: 'one', task: 'load', try: 1 };

function logIn(count: number, { line = lineOf, root = temporaryFolder() } = {}) {
  const folder = join(root, '.tutti', 'runs', 'one', 'logs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'load.1.log');
  writeFileSync(file, Array.from({ length: count }, (_, index) => `${line(index + 1)}\n`).join(''));
  return { logs: fileLogs(root), file };
}

function lineOf(n: number): string {
  const level = n % 10 === 0 ? 'error' : n % 5 === 0 ? 'warn' : 'info';
  return JSON.stringify({ at: '2026-01-05T00:00:00.000Z', level, message: `Zeile ${n} äöü`, fields: { n } });
}

function numbers({ lines }: LogPage): readonly number[] {
  return lines.map(({ n }) => n);
}

describe('a log', () => {
  test('is read from its end, back to its start', async () => {
    const { logs } = logIn(10_000);
    const last = await logs.read(TRY, { limit: 3 });
    expect(numbers(last)).toEqual([9_998, 9_999, 10_000]);
    expect(last).toMatchObject({
      end: true,
      lines: [{}, {}, { message: 'Zeile 10000 äöü', level: 'error', fields: { n: 10_000 } }],
    });
    const before = await logs.read(TRY, { limit: 3, before: last.prev ?? '' });
    expect(numbers(before)).toEqual([9_995, 9_996, 9_997]);
    expect(before.end).toBe(false);
    expect(numbers(await logs.read(TRY, { after: before.next, limit: 2 }))).toEqual([9_998, 9_999]);
    const seen: number[] = [];
    for (let page = last; ; page = await logs.read(TRY, { limit: 1_000, before: page.prev ?? '' })) {
      seen.unshift(...numbers(page));
      if (page.prev === undefined) break;
    }
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
  });

  test('is followed while it is written, whole lines only', async () => {
    const { logs, file } = logIn(2);
    const { next } = await logs.read(TRY, {});
    expect(await logs.read(TRY, { after: next })).toMatchObject({ lines: [], next, end: true });
    appendFileSync(file, `${lineOf(3)}\n${lineOf(4).slice(0, 9)}`);
    const more = await logs.read(TRY, { after: next });
    expect(numbers(more)).toEqual([3]);
    appendFileSync(file, `${lineOf(4).slice(9)}\n`);
    expect(numbers(await logs.read(TRY, { after: more.next }))).toEqual([4]);
    expect(numbers(await logs.read(TRY, {}))).toEqual([1, 2, 3, 4]);
  });

  test('is searched by level and text, whatever the capitals', async () => {
    const { logs } = logIn(5_000);
    expect(numbers(await logs.read(TRY, { level: 'error', limit: 2 }))).toEqual([4_990, 5_000]);
    expect(numbers(await logs.read(TRY, { text: 'ZEILE 12 ÄÖÜ' }))).toEqual([12]);
    expect(numbers(await logs.read(TRY, { text: '"n":4321' }))).toEqual([4_321]);
    // What only stands around them does not count.
    expect(numbers(await logs.read(TRY, { text: 'message' }))).toEqual([]);
    const first = await logs.read(TRY, { level: 'warn', after: '0-1', limit: 2 });
    expect(numbers(first)).toEqual([5, 10]);
    expect(numbers(await logs.read(TRY, { level: 'warn', after: first.next, limit: 2 }))).toEqual([15, 20]);
  });

  test('of enormous lines is given in small pages', async () => {
    const { logs } = logIn(40, {
      line: (n) => JSON.stringify({ at: '', level: 'info', message: `${n}${'x'.repeat(300_000)}` }),
    });
    const page = await logs.read(TRY, {});
    expect(JSON.stringify(page).length).toBeLessThan(500_000);
    expect(numbers(page)).toEqual([40]);
    expect(numbers(await logs.read(TRY, { before: page.prev ?? '' }))).toEqual([39]);
    expect(page.lines[0]?.message).toContain('more characters)');
  });

  test('shows what is no line of ours as it is', async () => {
    const { logs } = logIn(1, { line: () => 'Segmentation fault' });
    expect((await logs.read(TRY, {})).lines).toEqual([
      { n: 1, at: '', level: 'info', message: 'Segmentation fault' },
    ]);
  });

  test('that is not there has no lines', async () => {
    const { logs } = logIn(1);
    expect(await logs.read({ ...TRY, try: 2 }, {})).toEqual({ lines: [], next: '0-1', end: true });
    expect(await logs.read({ ...TRY, execution: 'another' }, {})).toMatchObject({ lines: [] });
  });

  test.each([
    [{ execution: '../other' }, 'execution'],
    [{ execution: '..' }, 'execution'],
    [{ task: 'a/b' }, 'task'],
    [{ task: 'x'.repeat(1_000_000) }, 'task'],
    [{ instance: '../../secret' }, 'instance'],
    [{ try: 0 }, 'try'],
    [{ try: 1.5 }, 'try'],
  ])('refuses %j', async (wrong, what) => {
    const { logs } = logIn(1);
    await expect(logs.read({ ...TRY, ...wrong }, {})).rejects.toMatchObject({
      code: 'invalid-id',
      message: expect.stringContaining(`log › ${what}: must be`),
    });
  });

  test('refuses a cursor that is none', async () => {
    const { logs } = logIn(1);
    await expect(logs.read(TRY, { after: 'x' })).rejects.toMatchObject({ code: 'invalid-cursor' });
  });
});
