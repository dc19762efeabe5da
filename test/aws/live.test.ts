import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import type { Sfn } from '../../lib/aws/history-page.ts';
import { liveProgress } from '../../lib/aws/live.ts';
import { GetExecutionHistoryCommand } from '../../lib/aws/signed/commands.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import type { Run } from '../../lib/model/run.ts';
import { asking, NOW_MS, salesDag, seeded, versionOf } from '../api/seed.ts';
import { dateOf, run } from '../store/build.ts';

const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:tutti-prod-sales-0:3';
const DEPLOYED = {
  ...versionOf(salesDag()),
  deployment: { machine: MACHINE, rerun: `${MACHINE}-rerun`, fns: { main: 'f' } },
};

/** Step Functions that knows executions by how many of their tasks have begun. */
function place(began: ReadonlyMap<string, number>, { pages = 1 }: { readonly pages?: number } = {}) {
  const clock = new VirtualClock(NOW_MS);
  const asked: { readonly atMs: number; readonly execution: string }[] = [];
  const errors: unknown[] = [];
  let broken = false;
  const send = async (command: unknown) => {
    if (!(command instanceof GetExecutionHistoryCommand)) throw new Error('asked for something else');
    if (broken) throw new Error('throttled');
    const { executionArn = '', nextToken } = command.input;
    asked.push({ atMs: clock.now(), execution: executionArn });
    const page = Number(nextToken ?? 0);
    const events = page === 0 ? eventsOf(began.get(executionArn.split(':').at(-1) ?? '') ?? 0) : [];
    return { events, ...(page + 1 < pages ? { nextToken: String(page + 1) } : {}) };
  };
  const progress = liveProgress({
    sfn: { send } as unknown as Sfn,
    clock,
    versionOf: async () => DEPLOYED,
    onError: (error) => errors.push(error),
  });
  const breaks = () => {
    broken = true;
  };
  return { progress, clock, asked, errors, breaks };
}

function eventsOf(count: number): readonly HistoryEvent[] {
  const timestamp = new Date(NOW_MS);
  const entered = salesDag()
    .tasks.slice(0, count)
    .map(
      ({ id }, index): HistoryEvent => ({
        id: index + 2,
        previousEventId: index + 1,
        timestamp,
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { name: id, input: '{}' },
      }),
    );
  const started = { id: 1, previousEventId: 0, timestamp, type: 'ExecutionStarted' } as const;
  return [{ ...started, executionStartedEventDetails: { input: '{}' } }, ...entered];
}

function running(execution: string): Run {
  return run(10, { state: 'running', cells: '---', execution, version: DEPLOYED.manifest.hash });
}

describe('how far a run is', () => {
  test('is read from the history of its execution', async () => {
    const { progress, asked } = place(new Map([['e1', 1]]));
    expect(await progress.of(running('e1'))).toMatchObject({
      cells: 'r--',
      rows: [{ task: 'extract', state: 'running' }],
    });
    expect(asked.map(({ execution }) => execution)).toEqual([
      'arn:aws:states:eu-central-1:123456789012:execution:tutti-prod-sales-0:e1',
    ]);
  });

  test('is not asked of what is over, or has not begun', async () => {
    const { progress, asked } = place(new Map());
    const { execution: _, ...queued } = running('e1');
    expect(await progress.of({ ...queued, state: 'queued' })).toBeUndefined();
    expect(await progress.of({ ...running('e1'), state: 'success' })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('is read once in five seconds, whoever looks', async () => {
    const began = new Map([['e1', 1]]);
    const { progress, clock, asked } = place(began);
    await Promise.all([1, 2, 3].map(() => progress.of(running('e1'))));
    began.set('e1', 2);
    await clock.drive(clock.until(NOW_MS + 4_999));
    expect((await progress.of(running('e1')))?.cells).toBe('r--');
    expect(asked).toHaveLength(1);
    await clock.drive(clock.until(NOW_MS + 5_000));
    expect((await progress.of(running('e1')))?.cells).not.toBe('r--');
    expect(asked).toHaveLength(2);
  });

  test('takes no more than five calls in any second, pages and runs together', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `e${index}`);
    const { progress, clock, asked } = place(new Map(names.map((name) => [name, 1])), { pages: 3 });
    await clock.drive(Promise.all(names.map((name) => progress.of(running(name)))));
    expect(asked.length).toBeGreaterThan(10);
    for (const { atMs } of asked)
      expect(
        asked.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1_000).length,
      ).toBeLessThanOrEqual(5);
  });

  test('is what was read before where it cannot be read now', async () => {
    const { progress, clock, errors, breaks } = place(new Map([['e1', 1]]));
    await progress.of(running('e1'));
    breaks();
    await clock.drive(clock.until(NOW_MS + 6_000));
    expect((await progress.of(running('e1')))?.cells).toBe('r--');
    expect(errors).toHaveLength(1);
  });
});

describe('the API of a place where nobody writes progress', () => {
  test('shows runs under way as they are, and what is over as it is kept', async () => {
    const { world } = await seeded();
    const { progress } = place(new Map([['e10', 3]]));
    const ask = asking(world, { progress });
    const page = await (await ask(`/dags/sales/runs/${dateOf(10)}`)).json();
    expect(page).toMatchObject({
      run: { state: 'running' },
      tasks: [{}, {}, { task: 'publish', state: 'running' }],
    });
    const record = await (await ask(`/records/dags/sales/runs/${dateOf(10)}/tasks?task=publish`)).json();
    expect(record).toMatchObject({ items: [{ task: 'publish', attempt: 1, state: 'running' }] });
    const timeline = await (await ask(`/dags/sales/runs/${dateOf(10)}/timeline`)).json();
    expect(timeline).toMatchObject({ tasks: ['extract', 'load', 'publish'] });
    const over = await (await ask(`/dags/sales/runs/${dateOf(9)}`)).json();
    expect(over).toMatchObject({ tasks: [{ state: 'success' }, { state: 'failed', tries: 3 }, {}] });
  });
});
