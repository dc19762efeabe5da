import { describe, expect, test } from 'vitest';
import { decidingTasks, type RunStateNode, runStateOf } from '../../lib/model/run-state.ts';

/** s → w → td, td a teardown of s. */
function guarded(failRun: boolean, runState: RunStateNode['runState'] = 'leaves'): RunStateNode {
  return {
    runState,
    tasks: [
      { id: 's', upstream: [], triggerRule: 'all_success' },
      { id: 'w', upstream: [{ task: 's' }], triggerRule: 'all_success' },
      { id: 'td', upstream: [{ task: 's' }, { task: 'w' }], triggerRule: 'all_done_setup_success', failRun },
    ],
  };
}

describe('run state', () => {
  test('is decided by what only teardowns follow', () => {
    expect(decidingTasks(guarded(false))).toEqual(['w']);
  });

  test('is decided by a failRun teardown like any leaf', () => {
    expect(decidingTasks(guarded(true))).toEqual(['td']);
  });

  test('looks at every task but such teardowns under any-failed', () => {
    expect(decidingTasks(guarded(false, 'any-failed'))).toEqual(['s', 'w']);
    expect(decidingTasks(guarded(true, 'any-failed'))).toEqual(['s', 'w', 'td']);
  });

  test('is running while a task is not final', () => {
    expect(runStateOf(guarded(false), { s: 'success', w: 'failed' })).toBe('running');
  });

  test('is success where the leaves are skipped', () => {
    expect(runStateOf(guarded(false), { s: 'skipped', w: 'skipped', td: 'failed' })).toBe('success');
  });

  test('is failed where a leaf is upstream_failed', () => {
    expect(runStateOf(guarded(false), { s: 'failed', w: 'upstream_failed', td: 'upstream_failed' })).toBe(
      'failed',
    );
  });
});
