/** What a person reads of runs while `tutti dev` goes on: each end once, and nothing of before it began. */
import { beforeEach, describe, expect, test } from 'vitest';
import { devConsole } from '../../lib/cli/dev/console.ts';
import { RunTeller } from '../../lib/cli/dev/run-teller.ts';
import type { Run } from '../../lib/model/run.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { fakeTerminal } from '../cli/terminal.ts';
import { DAILY, end, PERSON, type Rig, rig, runAt, versionOf } from '../orchestrator/rig.ts';

let world: Rig;
let run: Run;
let teller: RunTeller;
let take: () => readonly string[];

beforeEach(async () => {
  world = rig('2026-01-10T00:00:00.700Z');
  await registerDags(world, [versionOf('daily', DAILY, { start: '2026-01-01' })]);
  const { terminal, take: takeText } = fakeTerminal();
  take = () =>
    takeText()
      .replaceAll(/^\d\d:\d\d:\d\d /gm, '')
      .split('\n')
      .slice(0, -1);
  teller = new RunTeller(
    devConsole({ terminal, json: false, now: world.clock.now }),
    terminal,
    world.clock.now,
  );
  ({ run } = await trigger(world, PERSON, { dagId: 'daily', logicalDate: '2026-01-05' }));
});

/** The run ends, and the notifier is told. */
async function ends(state: 'success' | 'failed'): Promise<Run> {
  await end(world, await runAt(world, 'daily', run.id), state);
  return runAt(world, 'daily', run.id);
}
const lastMessage = () => {
  const message = world.messages.at(-1);
  if (message === undefined) throw new Error('no message');
  return message;
};

describe('a run that failed', () => {
  const blocked = '  Not run because of it: b';
  const again = () => `  Run it again: tutti clear daily ${run.id} --failed`;

  test('is told by its message, with what it blocks, and by no line more', async () => {
    const failed = await ends('failed');
    await teller.notify(lastMessage());
    teller.tell([failed]);
    expect(take()).toEqual(['✕ daily 2026-01-05T00:00:00Z failed: Dag.Failed', blocked, again()]);
  });

  test('is told by its line where that is first, and the message adds what it blocks', async () => {
    teller.tell([await ends('failed')]);
    await teller.notify(lastMessage());
    expect(take()).toEqual([
      expect.stringMatching(/^✕ failed {2}daily 2026-01-05/),
      `daily ${run.id}:`,
      blocked,
      again(),
    ]);
  });

  test('is told by its line where the message goes elsewhere', async () => {
    const failed = await ends('failed');
    teller.tell([failed]);
    teller.tell([failed]);
    expect(take()).toEqual([expect.stringMatching(/^✕ failed {2}daily 2026-01-05/)]);
  });

  test('says nothing of the attempt after it', async () => {
    const failed = await ends('failed');
    teller.tell([{ ...failed, state: 'running' }]);
    await teller.notify(lastMessage());
    take();
    teller.tell([{ ...failed, attempt: 2, state: 'running' }]);
    teller.tell([{ ...failed, attempt: 2, state: 'success' }]);
    expect(take()).toEqual([
      expect.stringMatching(/^▶ running {2}daily .* {2}manual, attempt 2$/),
      expect.stringMatching(/^✓ success {2}daily /),
    ]);
  });
});

test('runs that had ended before are no news, those of this second are', async () => {
  const failed = await ends('failed');
  teller.tell([{ ...failed, endedAt: '2026-01-09T23:59:59Z' }]);
  expect(take()).toEqual([]);
  teller.tell([failed]);
  expect(take()).toHaveLength(1);
});
