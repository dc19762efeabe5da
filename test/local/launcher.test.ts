import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recordsKept, rerunOf } from '../../lib/history/rerun.ts';
import type { FnContext } from '../../lib/model/context.ts';
import { output, temporaryFolder, testDag } from './dag.ts';
import { launcherIn, startingRun, versionOf } from './launched.ts';

describe('an execution', () => {
  test('tells the ledger its end, complete', async () => {
    const root = temporaryFolder();
    const dag = testDag({
      a: { body: () => ({ n: 1 }) },
      b: { inputs: { n: output('a', 'n') }, body: () => Promise.reject(new Error('broken')) },
      c: { after: ['b'], body: () => undefined },
    });
    const { launcher, ended } = launcherIn(root, [dag]);
    const run = startingRun(dag);
    await launcher.start({ run, version: versionOf(dag) });
    expect(await launcher.describe(run.execution ?? '', { dagId: dag.id, runId: run.id })).toBe('running');
    await launcher.idle();
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({
      dagId: 'test',
      runId: run.id,
      attempt: 1,
      state: 'failed',
      cells: 'sfu',
      error: 'Error',
      cause: 'broken',
      failed: [{ task: 'b', try: 1, error: 'Error', cause: 'broken' }],
    });
    expect(ended[0]?.rows.map(({ task, state, tries }) => [task, state, tries.length])).toEqual([
      ['a', 'success', 1],
      ['b', 'failed', 1],
      ['c', 'upstream_failed', 0],
    ]);
    expect(ended[0]?.recorded?.outputs.get('a')).toEqual({ n: 1 });
    expect(await launcher.describe(run.execution ?? '', { dagId: dag.id, runId: run.id })).toBe('ended');
  });

  test('gets the facts of its run and leaves a folder like any run', async () => {
    const root = temporaryFolder();
    const seen: unknown[] = [];
    const dag = testDag({ a: { body: ({ run }: FnContext) => void seen.push(run) } });
    const { launcher } = launcherIn(root, [dag]);
    const run = startingRun(dag, { attempt: 2, type: 'backfill', params: { x: 1 } });
    await launcher.start({ run, version: versionOf(dag) });
    await launcher.idle();
    expect(seen).toEqual([
      {
        dagId: 'test',
        runId: run.id,
        logicalDate: run.logicalDate,
        interval: run.interval,
        try: 1,
        params: { x: 1 },
      },
    ]);
    const folder = join(root, '.tutti', 'runs', run.execution ?? '');
    expect(readdirSync(folder).sort()).toEqual(['events.jsonl', 'manifest.json', 'run.json']);
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({
      id: run.execution,
      state: 'success',
      input: { run: { id: run.id, attempt: '2', type: 'backfill' } },
    });
  });

  test('is started once, whoever tries', async () => {
    const root = temporaryFolder();
    let began = 0;
    const dag = testDag({ a: { body: () => void began++ } });
    const one = launcherIn(root, [dag]);
    const other = launcherIn(root, [dag]);
    const start = { run: startingRun(dag), version: versionOf(dag) };
    await Promise.all([one.launcher.start(start), other.launcher.start(start), one.launcher.start(start)]);
    await Promise.all([one.launcher.idle(), other.launcher.idle()]);
    await other.launcher.start(start);
    await other.launcher.idle();
    expect(began).toBe(1);
    expect([...one.ended, ...other.ended]).toHaveLength(1);
    expect(existsSync(join(root, '.tutti', 'new', `${start.run.execution}.${process.pid}`))).toBe(false);
  });

  test('tells on the way what has changed', async () => {
    const root = temporaryFolder();
    const gate = Promise.withResolvers<void>();
    const dag = testDag({
      a: { body: () => undefined },
      b: { after: ['a'], body: () => gate.promise },
    });
    const told = Promise.withResolvers<void>();
    const { launcher, ended, progress } = launcherIn(root, [dag], {});
    await launcher.start({ run: startingRun(dag), version: versionOf(dag) });
    const poll = setInterval(() => progress.length > 0 && told.resolve(), 5);
    await told.promise;
    clearInterval(poll);
    gate.resolve();
    await launcher.idle();
    expect(progress[0]).toMatchObject({ attempt: 1, cells: 'sr' });
    expect(progress[0]?.rows.map(({ task, state }) => [task, state])).toEqual([
      ['a', 'success'],
      ['b', 'running'],
    ]);
    expect(ended[0]).toMatchObject({ state: 'success', cells: 'ss' });
  });

  test('ends as cancelled when it is stopped, also by another process', async () => {
    const root = temporaryFolder();
    const dag = testDag({
      a: {
        body: ({ signal }: FnContext) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
      },
      b: { after: ['a'], body: () => undefined },
    });
    const { launcher, ended } = launcherIn(root, [dag]);
    const other = launcherIn(root, [dag]);
    const runs = [1, 2].map((n) =>
      startingRun(dag, { execution: `20260105T000000000Z-test-0000000${n}`, id: `r${n}` }),
    );
    for (const run of runs) await launcher.start({ run, version: versionOf(dag) });
    await launcher.stop(runs[0]?.execution ?? '', { dagId: 'test', runId: 'r1' }, 'ann said so');
    await other.launcher.stop(runs[1]?.execution ?? '', { dagId: 'test', runId: 'r2' }, 'ann said so');
    await launcher.idle();
    expect(ended.map(({ state, cells }) => [state, cells])).toEqual([
      ['cancelled', 'cc'],
      ['cancelled', 'cc'],
    ]);
  });

  test('of some tasks keeps what the others were', async () => {
    const root = temporaryFolder();
    let fails = true;
    const dag = testDag({
      a: { body: () => ({ n: 7 }) },
      b: {
        inputs: { n: output('a', 'n') },
        body: ({ n }) => {
          if (fails) throw new Error('not yet');
          return { twice: n * 2 };
        },
      },
    });
    const { launcher, ended } = launcherIn(root, [dag]);
    const version = versionOf(dag);
    await launcher.start({ run: startingRun(dag), version });
    await launcher.idle();
    fails = false;
    const [first] = ended;
    if (first?.recorded === undefined) throw new Error('the first attempt told no end');
    const again = ['b'];
    const run = startingRun(dag, {
      attempt: 2,
      again,
      cells: 's-',
      execution: '20260105T000000000Z-test-00000002',
    });
    await launcher.start({
      run,
      version,
      rerun: rerunOf(dag, first.recorded, again),
      records: recordsKept(first.recorded, again),
    });
    await launcher.idle();
    expect(ended[1]).toMatchObject({ attempt: 2, state: 'success', cells: 'ss' });
    expect(ended[1]?.rows.map(({ task }) => task)).toEqual(['b']);
    expect(ended[1]?.recorded?.outputs.get('a')).toEqual({ n: 7 });
  });

  test('of a version whose code is not here is refused', async () => {
    const dag = testDag({ a: { body: () => undefined } });
    const { launcher } = launcherIn(temporaryFolder(), []);
    await expect(launcher.start({ run: startingRun(dag), version: versionOf(dag) })).rejects.toMatchObject({
      code: 'no-code',
      message: expect.stringContaining('must be among the pipelines here, got none'),
    });
  });

  test('is lost where its process is gone, or another one has its id', async () => {
    const root = temporaryFolder();
    const dag = testDag({ a: { body: () => undefined } });
    const { launcher } = launcherIn(root, [dag]);
    const run = startingRun(dag);
    const key = { dagId: dag.id, runId: run.id };
    const name = run.execution ?? '';
    expect(await launcher.describe(name, key)).toBe('unknown');
    await launcher.start({ run, version: versionOf(dag) });
    await launcher.idle();
    const file = join(root, '.tutti', 'runs', name, 'run.json');
    const record = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...record, state: 'running' }));
    expect(await launcher.describe(name, key)).toBe('running');
    writeFileSync(file, JSON.stringify({ ...record, state: 'running', since: '1' }));
    expect(await launcher.describe(name, key)).toBe('lost');
    writeFileSync(file, JSON.stringify({ ...record, state: 'running', pid: 999_999_999, since: undefined }));
    expect(await launcher.describe(name, key)).toBe('lost');
  });
});

describe('executions of one process, and of others,', () => {
  test('share the places of pools', async () => {
    const root = temporaryFolder();
    let now = 0;
    let most = 0;
    const dag = testDag(
      {
        a: {
          pool: { name: 'db', slots: 1 },
          body: async () => {
            now += 1;
            most = Math.max(most, now);
            await new Promise((resolve) => setTimeout(resolve, 20));
            now -= 1;
          },
        },
      },
      { pools: [{ name: 'db', slots: 2 }] },
    );
    const places = [launcherIn(root, [dag]), launcherIn(root, [dag])];
    const runs = Array.from({ length: 8 }, (_, n) =>
      startingRun(dag, { id: `r${n}`, execution: `20260105T000000000Z-test-0000000${n}` }),
    );
    await Promise.all(runs.map((run, n) => places[n % 2]?.launcher.start({ run, version: versionOf(dag) })));
    await Promise.all(places.map(({ launcher }) => launcher.idle()));
    expect(most).toBe(2);
    expect(places.flatMap(({ ended }) => ended.map(({ state }) => state))).toEqual(Array(8).fill('success'));
  });
});
