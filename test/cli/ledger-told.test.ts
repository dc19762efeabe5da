/** What commands of the ledger tell: how runs are named, of what nothing became, and every run once. */

import { describe, expect, test } from 'vitest';
import { followRuns } from '../../lib/cli/ledger/follow.ts';
import { heldDates } from '../../lib/orchestrator/backfill/held-dates.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import type { Backfill } from '../../lib/store/store.ts';
import { DAILY, end, PERSON, rig, runAt, versionOf } from '../orchestrator/rig.ts';
import { json, refused, sales } from './ledger.ts';
import { fakeTerminal } from './terminal.ts';
import { tutti } from './tutti.ts';

describe('tutti why', () => {
  test('finds runs as all commands do, and tells of those that somebody asked for', async () => {
    const root = sales();
    const { document } = await json(root, 'trigger', 'sales', '-d', '2026-01-05', '--no-wait');
    const { id } = document.run;
    const names = ['latest', id, id.slice(-6)];
    const found = await Promise.all(names.map((name) => json(root, 'why', 'sales', name)));
    for (const each of found) expect(each).toMatchObject({ code: 0, document: { run: { id } } });
    const { stdout } = await tutti(root, 'why', 'sales', '2026-01-05');
    expect(stdout).toContain(`no run of its schedule, but of that date:\n    ◷ queued  ${id}, manual by `);
    const other = await json(root, 'why', 'sales', '2026-01-06');
    expect(other.document).not.toHaveProperty('others');
    await refused(root, [
      ['why sales x', 3, 'must be the id of a run, its logical date, or latest, got "x"'],
    ]);
  });
});

test('a range of which nothing can be changed fails as one such run does, also with --dry-run', async () => {
  const root = sales();
  const range = ['sales', '--from', '2026-01-05', '--to', '2026-01-06'];
  await tutti(root, 'backfill', 'create', ...range, '--yes');
  const commands = [
    ['clear', ...range, '--failed', '--dry-run'],
    ['clear', ...range, '--failed'],
  ];
  for (const command of commands) {
    const { code, document } = await json(root, ...command);
    expect([command, code]).toEqual([command, 5]);
    expect(document.cleared ?? document.runs).toMatchObject([
      { tasks: [], problem: { code: 'nothing-failed' } },
      { tasks: [], problem: { code: 'nothing-failed' } },
    ]);
  }
  await tutti(root, 'trigger', 'sales', '-d', '2026-01-09', '--no-wait');
  const day = ['--from', '2026-01-09', '--to', '2026-01-09'];
  const mark = ['mark', 'sales', ...day, '--task', 'load', '--state', 'failed'];
  const problem = { code: 'run-goes-on' };
  expect(await json(root, ...mark, '--dry-run')).toMatchObject({
    code: 5,
    document: { runs: [{ problem }] },
  });
  expect(await json(root, ...mark)).toMatchObject({ code: 5, document: { marked: [{ problem }] } });
});

test('a list that is cut says how to see more in words that fit a line', async () => {
  const root = sales();
  await tutti(root, 'backfill', 'create', 'sales', '--from', '2026-01-05', '--to', '2026-01-06', '--yes');
  const { stdout } = await tutti(root, 'runs', '--limit', '1');
  expect(stdout).toContain('there are more: --limit 5 shows up to 5; --json gives the cursor');
  const { document } = await json(root, 'runs', '--limit', '1');
  const rest = await json(root, 'runs', '--limit', '1', '--cursor', document.cursor);
  expect(rest.document.runs).toHaveLength(1);
});

test('each of several runs is told as it ended, also one that had ended before anybody looked', async () => {
  const world = rig('2026-01-10T00:00:00Z');
  await registerDags(world, [versionOf('fast', DAILY, { start: '2026-01-01' })]);
  const made = ['2026-01-05', '2026-01-06'].map((logicalDate) =>
    trigger(world, PERSON, { dagId: 'fast', logicalDate }),
  );
  const runs = (await Promise.all(made)).map(({ run }) => run);
  for (const { id } of runs) await end(world, await runAt(world, 'fast', id));
  const ended = await Promise.all(runs.map(({ id }) => runAt(world, 'fast', id)));
  const { terminal, take } = fakeTerminal();
  const ledger = {
    ...world,
    lookMs: 200,
    suffix: '',
    heldDates: (of: Backfill) => heldDates(world, of),
  };
  await followRuns(ended, { ledger, terminal, signal: new AbortController().signal });
  const text = take();
  for (const { id } of runs) expect(text).toContain(`✓ success  fast ${id}`);
});
