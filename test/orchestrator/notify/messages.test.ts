import { describe, expect, test } from 'vitest';
import { compile } from '../../../lib/compiler/compile.ts';
import { dag, fn, notifier } from '../../../lib/index.ts';
import type { DagVersion } from '../../../lib/model/dag-version.ts';
import { clearRuns } from '../../../lib/orchestrator/clear.ts';
import type { Message } from '../../../lib/orchestrator/ports.ts';
import { recordEnd, recordProgress } from '../../../lib/orchestrator/record.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { sweep } from '../../../lib/orchestrator/sweep.ts';
import { tick } from '../../../lib/orchestrator/tick.ts';
import { trigger } from '../../../lib/orchestrator/trigger.ts';
import { ended, endWith, nothing, sales, worldOf } from '../changes.ts';
import { PERSON, type Rig, runAt } from '../rig.ts';

const oncall = notifier('oncall');
const failedLoad = { load: 'failed', report: 'upstream_failed' } as const;
const briefly = (made: Rig) => made.messages.map(({ kind, to, subject }) => [kind, to.join(), subject]);

function scheduled(options: Partial<Parameters<typeof dag>[1]> = {}): DagVersion {
  const node = dag(
    'd',
    { schedule: '@hourly', start: '2026-01-20', catchup: true, owner: 'ada', ...options },
    ({ task }) => {
      const a = task('a', nothing, { onRetry: oncall, onSkipped: oncall });
      task(
        'b',
        fn(() => 1),
        { after: a, onFailure: oncall, onSuccess: oncall, deadline: '30m' },
      );
    },
  );
  return { dag: node, manifest: compile(node).manifest };
}

describe('a run that failed', () => {
  test('is no news where it was taken in with its end; a crash of whoever should have told it is none', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad);
    await sweep(made);
    expect(made.messages).toHaveLength(1);
    await made.store.runs.create({ ...run, id: `${run.id}A`, queuedAt: run.createdAt, by: 'tutti run' });
    await sweep(made);
    expect(made.messages).toHaveLength(1);
    await made.store.runs.create({ ...run, id: `${run.id}B`, queuedAt: run.createdAt });
    await sweep(made);
    expect(made.messages.map(({ runId }) => runId)).toEqual([run.id, `${run.id}B`]);
  });

  test('is told once, with what failed, what that blocks, and what runs it again', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad);
    await made.store.runs.update({ dagId: 'd', runId: run.id }, { states: ['failed'] }, {});
    expect(made.messages).toHaveLength(1);
    expect(made.messages[0]).toMatchObject({
      kind: 'failed',
      to: [],
      dagId: 'd',
      runId: run.id,
      at: '2026-01-20T12:00:00Z',
      command: `tutti clear d ${run.id} --failed`,
    } satisfies Partial<Message>);
    await sweep(made);
    made.at('2026-01-20T13:00:00Z');
    await sweep(made);
    expect(made.messages).toHaveLength(1);
  });

  test('of a version before the newest is run again with the latest', async () => {
    const made = await worldOf(sales);
    const { run } = await trigger(made, PERSON, { dagId: 'd', logicalDate: '2026-01-05' });
    await registerDags(made, [scheduled()]);
    await endWith(made, await runAt(made, 'd', run.id), failedLoad);
    expect(made.messages[0]?.command).toBe(`tutti clear d ${run.id} --failed --latest`);
  });

  test('has a text that a person understands', async () => {
    const made = await worldOf({ ...sales, dag: { ...sales.dag, callbacks: { onFailure: ['oncall'] } } });
    const first = await ended(made, {}, { logicalDate: '2026-01-04' });
    const { run } = await clearRuns(made, PERSON, { dagId: 'd', runs: { runId: first.id } }).then(
      async () => ({
        run: await runAt(made, 'd', first.id),
      }),
    );
    await recordEnd(made, {
      dagId: 'd',
      runId: run.id,
      attempt: 2,
      state: 'failed',
      endedAt: '2026-01-20T12:00:00Z',
      cells: 'sfus',
      rows: [],
      error: 'TypeError',
      failed: [
        {
          task: 'load',
          try: 3,
          error: 'TypeError',
          cause: '{"errorType":"TypeError","errorMessage":"no rows\\nat x","trace":[]}',
        },
      ],
    });
    const [message] = made.messages;
    expect(message?.subject).toBe('d 2026-01-04T00:00:00Z failed: load: TypeError: no rows');
    expect(message?.to).toEqual(['oncall']);
    expect(message?.text.replaceAll(run.id, '<run>')).toBe(
      [
        'Task "load" failed in try 3: TypeError: no rows',
        'Not run because of it: report',
        'Run it again: tutti clear d <run> --failed',
      ].join('\n'),
    );
  });

  test('that succeeds when it is cleared has recovered', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad);
    await clearRuns(made, PERSON, { dagId: 'd', runs: { runId: run.id } });
    await endWith(made, await runAt(made, 'd', run.id), {});
    await ended(made, {}, { logicalDate: '2026-01-06' });
    expect(briefly(made)).toEqual([
      ['failed', '', 'd 2026-01-05T00:00:00Z failed: Dag.Failed'],
      ['recovered', '', 'd 2026-01-05T00:00:00Z succeeded: it has recovered'],
    ]);
  });

  test('is followed by a recovery where the next run succeeds', async () => {
    const made = await worldOf(sales);
    await ended(made, failedLoad, { logicalDate: '2026-01-05' });
    await ended(made, failedLoad, { logicalDate: '2026-01-06' });
    await ended(made, {}, { logicalDate: '2026-01-07' });
    await ended(made, {}, { logicalDate: '2026-01-08' });
    expect(made.messages.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'recovered']);
  });
});

describe('a notifier that is away', () => {
  test('is tried again by the sweep, until it takes the message', async () => {
    const made = await worldOf(sales);
    await sweep(made);
    const { notify } = made.notifier;
    let isAway = true;
    made.notifier.notify = async (message) => {
      if (isAway) throw new Error('away');
      await notify(message);
    };
    const run = await ended(made, failedLoad);
    expect(run.state).toBe('failed');
    await sweep(made);
    expect(made.messages).toEqual([]);
    isAway = false;
    await sweep(made);
    await sweep(made);
    expect(made.messages.map(({ kind }) => kind)).toEqual(['failed']);
  });

  test('a message whose sender died is sent by the sweep', async () => {
    const made = await worldOf(sales);
    await sweep(made);
    const died = { ...made, notifier: { notify: () => new Promise<void>(() => undefined) } };
    void ended(Object.assign(Object.create(null), made, died), failedLoad);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await made.store.runs.list({ dagId: 'd', types: ['manual'] })).items).toMatchObject([
      { state: 'failed' },
    ]);
    await sweep(made);
    expect(made.messages).toEqual([]);
    made.at('2026-01-20T12:05:00Z');
    await sweep(made);
    expect(made.messages.map(({ kind }) => kind)).toEqual(['failed']);
  });
});

describe('tasks', () => {
  test('tell of what they are asked to, each once, while the run goes on', async () => {
    const made = await worldOf(scheduled({ onSuccess: notifier('team') }));
    await tick(made, 'd');
    const [run] = await made.store.runs.open();
    const key = { dagId: 'd', runId: run?.id ?? '', attempt: 1 };
    const tried = { startMs: 0, endMs: 1, state: 'failed', error: 'Http.503', cause: 'busy' } as const;
    const a = { attempt: 1, task: 'a', state: 'up_for_retry', tries: [tried] } as const;
    await recordProgress(made, key, { cells: 't-', rows: [a] });
    await recordProgress(made, key, { cells: 'r-', rows: [{ ...a, state: 'running' }] });
    const rows = [
      { ...a, state: 'success', tries: [tried, { ...tried, state: 'success' }] },
      { attempt: 1, task: 'b', state: 'success', tries: [] },
    ] as const;
    await recordEnd(made, { ...key, state: 'success', endedAt: run?.queuedAt ?? '', cells: 'ss', rows });
    expect(briefly(made)).toEqual([
      ['retry', 'oncall', `d ${run?.id} › a: try 1 failed: Http.503; another follows`],
      ['success', 'oncall', `d ${run?.id} › b: succeeded`],
      ['success', 'team', `d ${run?.id} succeeded`],
    ]);
  });
});

describe('deadlines', () => {
  test('are told when they are over, of the run and of its tasks, once', async () => {
    const made = await worldOf(scheduled({ deadline: '1h', onLate: oncall }));
    made.at('2026-01-20T13:00:01Z');
    await tick(made, 'd');
    await sweep(made);
    const at13 = '2026-01-20T12:00:00Z';
    expect((await runAt(made, 'd', at13)).state).toBe('running');
    expect(made.messages.filter(({ runId }) => runId === at13)).toEqual([]);
    made.at('2026-01-20T13:30:01Z');
    await sweep(made);
    made.at('2026-01-20T14:00:01Z');
    await sweep(made);
    await sweep(made);
    expect(made.messages.filter(({ runId }) => runId === at13)).toMatchObject([
      { kind: 'late', to: ['oncall'], task: 'b' },
      {
        kind: 'late',
        to: ['oncall'],
        subject: `d ${at13} is late: the run was to be done by 2026-01-20T14:00:00Z`,
      },
    ]);
    // Intervals that were made up for by catchup were late before they were asked for.
    expect(made.messages.every(({ runId = '' }) => runId >= at13)).toBe(true);
  });
});
