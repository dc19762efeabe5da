import { describe, expect, test } from 'vitest';
import { liveProgress } from '../../lib/cli/live-progress.ts';
import { plainProgress } from '../../lib/cli/progress.ts';
import type { TaskRun, Try } from '../../lib/history/task-run.ts';
import { manifestOf } from './manifest.ts';
import { fakeTerminal } from './terminal.ts';

const NONE = { state: 'none', tries: [] } as const;

function task(id: string, state: Try['state'], startMs: number, endMs?: number): TaskRun {
  const end = endMs === undefined ? {} : { endMs };
  return { id, state, startMs, ...end, tries: [{ startMs, ...end, state }] };
}

test('a simulated task is marked on every line', () => {
  const plain = fakeTerminal();
  plainProgress(plain.terminal, ['load']).end([task('load', 'success', 0, 1000)], 1000);
  expect(plain.take()).toBe('✓ success  load in 1.0s (simulated)\n');
  const live = fakeTerminal();
  const view = liveProgress(manifestOf({ load: {}, real: {} }), live.terminal, ['load']);
  view.end([task('load', 'success', 0, 1000), task('real', 'success', 0, 1000)], 1000);
  expect(live.screen()).toEqual(['  ✓ load  1.0s  (simulated)', '  ✓ real  1.0s']);
});

describe('plain progress', () => {
  test('prints one line for each change of a task', () => {
    const { terminal, take } = fakeTerminal();
    const view = plainProgress(terminal);
    view.update([task('a', 'running', 0), { id: 'b', ...NONE }], 10);
    view.update([task('a', 'running', 0), { id: 'b', ...NONE }], 20);
    view.update([task('a', 'success', 0, 1500), task('b', 'running', 1500)], 1500);
    expect(take().trim().split('\n')).toEqual(['▶ running  a', '✓ success  a in 1.5s', '▶ running  b']);
  });

  test('tells each failed try, its error and the first line of its cause', () => {
    const { terminal, take } = fakeTerminal();
    const view = plainProgress(terminal);
    const first = {
      startMs: 0,
      endMs: 100,
      state: 'failed',
      error: 'Http.503',
      cause: 'busy\nat …',
    } as const;
    view.update([{ id: 'a', state: 'up_for_retry', startMs: 0, tries: [first] }], 100);
    const second = { startMs: 1100, endMs: 1200, state: 'failed', error: 'Http.503' } as const;
    view.end([{ id: 'a', state: 'failed', startMs: 0, endMs: 1200, tries: [first, second] }], 1200);
    expect(take().trim().split('\n')).toEqual([
      '↻ up for retry  a: Http.503, busy',
      '✕ failed  a (try 2) in 1.2s: Http.503',
    ]);
  });
});

describe('live progress', () => {
  const manifest = manifestOf({ a: {}, b: { after: ['a'] } });

  test('redraws the tasks in place, upstream first', () => {
    const { terminal, screen } = fakeTerminal();
    const view = liveProgress(manifest, terminal);
    view.update([{ id: 'b', ...NONE }, task('a', 'running', 0)], 200);
    view.update([task('b', 'running', 1000), task('a', 'success', 0, 1000)], 1300);
    expect(screen()).toEqual(['  ✓ a  1.0s', '  ▶ b  300ms']);
    view.end([task('b', 'failed', 1000, 2000), task('a', 'success', 0, 1000)], 2000);
    expect(screen()).toEqual(['  ✓ a  1.0s', '  ✕ b  1.0s  failed']);
  });

  test('keeps what a task prints above the tasks', () => {
    const { terminal, screen, stray } = fakeTerminal();
    const view = liveProgress(manifest, terminal);
    view.update([task('a', 'running', 0)], 100);
    stray('hello\n');
    stray('no line end');
    view.end([task('a', 'success', 0, 1000)], 1000);
    stray('afterwards\n');
    expect(screen()).toEqual(['hello', 'no line end', '  ✓ a  1.0s', 'afterwards']);
  });

  test('is never taller than the screen: finished tasks are folded first', () => {
    const ids = Array.from({ length: 100 }, (_, index) => `t${String(index).padStart(2, '0')}`);
    const { terminal, screen } = fakeTerminal({ rows: 8 });
    const view = liveProgress(manifestOf(Object.fromEntries(ids.map((id) => [id, {}]))), terminal);
    const tasks = ids.map((id, index) =>
      task(id, index < 95 ? 'success' : 'running', 0, index < 95 ? 10 : undefined),
    );
    view.update(tasks, 1000);
    expect(screen()).toEqual([...ids.slice(95).map((id) => `  ▶ ${id}  1.0s`), '  and 95 ✓ success']);
  });

  test('hides the cursor and gives it back', () => {
    const { terminal, take } = fakeTerminal();
    const view = liveProgress(manifest, terminal);
    expect(take()).toBe('\u001b[?25l');
    view.end([], 0);
    expect(take()).toMatch(/\[\?25h$/);
  });

  test('cuts lines at the width of the screen', () => {
    const { terminal, screen } = fakeTerminal({ columns: 20 });
    const view = liveProgress(manifestOf({ a: {} }), terminal);
    const tries = [{ startMs: 0, endMs: 5, state: 'failed', error: 'E'.repeat(50) }] as const;
    view.update([{ id: 'a', state: 'failed', startMs: 0, endMs: 5, tries }], 5);
    expect(screen().map((line) => line.length)).toEqual([20]);
  });
});
