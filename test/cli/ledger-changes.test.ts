/** Commands that change many runs, or what has run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { json, refused, sales } from './ledger.ts';
import { BROKEN, SALES } from './sales.ts';
import { project, tutti } from './tutti.ts';

describe('tutti clear and mark', () => {
  /** Fails until there is a file called fixed; counts how often its first task ran. */
  const MENDABLE = `
import { appendFileSync, existsSync } from 'node:fs';
import { cron, dag, fn } from 'tutti';
export const mendable = dag('mendable', { schedule: cron('@daily'), start: '2026-01-01' }, ({ task }) => {
  const first = task('first', fn(async () => { appendFileSync('first.txt', 'x'); return { at: 7 }; }));
  const second = task('second', fn({ at: first.output.at }, async ({ at }) => {
    if (!existsSync('fixed')) throw new Error('not yet');
    return { at };
  }));
  task('third', fn({ at: second.output.at }, async ({ at }, { log }) => log.info('got ' + at)));
});
`;

  test('run again what failed, and keep what was done', async () => {
    const root = project({ 'pipelines/mendable.ts': MENDABLE });
    expect((await tutti(root, 'trigger', 'mendable', '-d', '2026-01-05')).code).toBe(1);
    writeFileSync(join(root, 'fixed'), '');
    const dry = await json(root, 'clear', 'mendable', '2026-01-05', '--failed', '--dry-run');
    expect(dry.document).toMatchObject({
      dryRun: true,
      runs: [{ tasks: ['second', 'third'], kept: [{ task: 'first', state: 'success' }] }],
    });
    const { code, stdout } = await tutti(root, 'clear', 'mendable', '2026-01-05', '--failed');
    expect(code).toBe(0);
    expect(stdout).toContain('✓ success  third');
    expect(readFileSync(join(root, 'first.txt'), 'utf8')).toBe('x');
    const shown = await json(root, 'runs', 'show', 'mendable');
    expect(shown.document).toMatchObject({ run: { state: 'success', attempt: 2, cells: 'sss' } });
    await refused(root, [
      ['clear mendable', 2, 'run: must be said, got none'],
      ['clear mendable latest --from 2026-01-05 --to 2026-01-05', 2, 'must be one run or a range, got both'],
      ['clear mendable latest --task frist', 3, 'did you mean "first"?'],
      ['mark mendable latest --state success', 2, '--task: must name at least one task'],
      ['mark mendable latest --state done --task first', 2, 'Allowed choices are success, failed, skipped'],
      ['clear mendable 2026-02-01', 3, 'tutti why mendable 2026-02-01T00:00:00Z says why'],
    ]);
    writeFileSync(join(root, 'pipelines/mendable.ts'), MENDABLE.replace("task('third'", "task('last'"));
    await refused(root, [
      ['clear mendable latest', 5, 'clear it with the latest (--latest'],
      ['clear mendable latest --failed --dry-run', 5, 'clear it with the latest (--latest'],
    ]);
    const latest = await json(root, 'clear', 'mendable', 'latest', '--task', 'last', '--latest');
    expect(latest).toMatchObject({
      code: 0,
      document: { run: { state: 'success', attempt: 3, cells: 'sss' } },
    });
  });

  test('ask before several runs are cleared, and before any is marked', async () => {
    const root = project({ 'pipelines/mendable.ts': MENDABLE });
    const range = ['mendable', '--from', '2026-01-05', '--to', '2026-01-06'];
    expect((await tutti(root, 'backfill', 'create', ...range, '--yes')).code).toBe(1);
    const asked = await tutti(root, 'clear', ...range, '--failed');
    expect(asked.code).toBe(2);
    expect(asked.stdout).toContain('runs   second, third');
    expect(asked.stderr).toContain('to clear 2 runs of mendable; look first with --dry-run');

    const mark = ['mark', 'mendable', '2026-01-05', '--task', 'second', '--state', 'skipped'];
    expect(await json(root, ...mark)).toMatchObject({ code: 2, document: { error: { code: 'needs-yes' } } });
    const marked = await json(root, ...mark, '--yes');
    expect(marked).toMatchObject({ code: 0, document: { marked: [{ marked: ['second'] }] } });
    const shown = await json(root, 'runs', 'show', 'mendable', '2026-01-05');
    expect(shown.document.run.cells).toBe('skk');
    const told = await tutti(root, 'runs', 'show', 'mendable', '2026-01-05');
    expect(told.stdout).toMatch(/second {2}⤼ skipped.* marked by \S+\n/);

    // A date is its interval's own run, whatever else was asked for of that date.
    await tutti(root, 'trigger', 'mendable', '-d', '2026-01-06', '--no-wait');
    writeFileSync(join(root, 'fixed'), '');
    const own = await json(root, 'runs', 'show', 'mendable', '2026-01-06');
    expect(own.document).toMatchObject({ run: { id: '2026-01-06T00:00:00Z', type: 'backfill' } });
    const cleared = await json(
      root,
      'clear',
      'mendable',
      '--from',
      '2026-01-06',
      '--to',
      '2026-01-06',
      '--failed',
    );
    expect(cleared).toMatchObject({ code: 0, document: { run: { state: 'success', attempt: 2 } } });
  });
});

describe('tutti backfill', () => {
  const range = ['sales', '--from', '2026-01-05', '--to', '2026-01-07'];

  test('previews each date, asks, runs all, and passes over what ran', async () => {
    const root = sales();
    const preview = await json(root, 'backfill', 'preview', ...range);
    expect(preview.document).toMatchObject({ dryRun: true, counts: { create: 3, skip: 0 } });
    const asked = await tutti(root, 'backfill', 'create', ...range);
    expect(asked.code).toBe(2);
    expect(asked.stdout).toContain('2026-01-06T01:00:00Z  create');
    expect(asked.stdout).toMatch(/about \d+ state transitions, <\$0\.01 on AWS\n/);
    expect(asked.stderr).toContain('to run 3 dates of sales; look first with --dry-run');
    const made = await json(root, 'backfill', 'create', ...range, '--yes');
    expect(made).toMatchObject({ code: 0, document: { backfill: { state: 'success', maxActiveRuns: 16 } } });
    expect(made.document.dates.map(({ state }: { state: string }) => state)).toEqual([
      'success',
      'success',
      'success',
    ]);
    expect((await json(root, 'runs', 'sales')).document.runs.map(({ id }: { id: string }) => id)).toEqual([
      '2026-01-07T01:00:00Z',
      '2026-01-06T01:00:00Z',
      '2026-01-05T01:00:00Z',
    ]);
    const again = await json(root, 'backfill', 'preview', ...range);
    expect(again.document).toMatchObject({ counts: { create: 0, skip: 3 } });
    const id = made.document.backfill.id;
    const list = await tutti(root, 'backfill', 'list');
    expect(list.stdout).toContain(`✓ success  ${id}  sales`);
    const shown = await tutti(root, 'backfill', 'show', id.slice(-5));
    expect(shown.stdout).toContain('2026-01-05T01:00:00Z  create  ✓ success');
  });

  test('left alone goes on with resume, and is cancelled for good', async () => {
    const root = sales();
    const left = await json(root, 'backfill', 'create', ...range, '--yes', '--no-wait');
    expect(left).toMatchObject({ code: 0, document: { backfill: { state: 'running' }, startedBy: null } });
    const { id } = left.document.backfill;
    expect((await json(root, 'backfill', 'pause', id)).document).toMatchObject({
      backfill: { state: 'paused' },
    });
    const resumed = await json(root, 'backfill', 'resume', id);
    expect(resumed).toMatchObject({ code: 0, document: { backfill: { state: 'success' } } });
    for (const sure of ['--yes', '--dry-run']) {
      const ended = await json(root, 'backfill', 'cancel', id, sure);
      expect(ended).toMatchObject({ code: 5, document: { error: { code: 'backfill-ended' } } });
    }
    const retried = await json(root, 'backfill', 'retry', id, '--dry-run');
    expect(retried).toMatchObject({ code: 5, document: { error: { code: 'nothing-failed' } } });
    const unknown = await json(root, 'backfill', 'show', 'nope');
    expect(unknown).toMatchObject({ code: 3, document: { error: { code: 'unknown-backfill' } } });
  });

  test('of what has no schedule, or a range that ends before it begins, is refused', async () => {
    const root = project({ 'pipelines/sales.ts': SALES, 'pipelines/broken.ts': BROKEN });
    await refused(root, [
      ['backfill preview broken --from 2026-01-05 --to 2026-01-07', 2, 'broken'],
      ['backfill preview sales --from 2026-01-07 --to 2026-01-05', 2, 'must not end before it begins'],
      ['backfill preview sales --from 2026-01-05', 2, "required option '--to <date>' not specified"],
    ]);
  });
});
