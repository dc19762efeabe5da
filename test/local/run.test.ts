import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runDag } from '../../lib/local/run.ts';
import type { FnContext } from '../../lib/model/context.ts';
import { FailTask, SkipTask } from '../../lib/model/task-errors.ts';
import { fact, jsonLines, output, param, temporaryFolder, testDag } from './dag.ts';

describe('a run', () => {
  test('hands outputs from function to function', async () => {
    const seen: unknown[] = [];
    const dag = testDag({
      a: { body: () => ({ n: 1, list: [{ name: 'x' }] }) },
      b: {
        inputs: { n: output('a', 'n'), name: output('a', 'list', 0, 'name') },
        body: (inputs) => void seen.push(inputs),
      },
    });
    const outcome = await runDag(dag, { root: temporaryFolder() });
    expect(outcome.state).toBe('success');
    expect(seen).toEqual([{ n: 1, name: 'x' }]);
    expect(outcome.tasks.map(({ id, state, tries }) => [id, state, tries.length])).toEqual([
      ['a', 'success', 1],
      ['b', 'success', 1],
    ]);
  });

  test('leaves its manifest, record, events and logs', async () => {
    const root = temporaryFolder();
    const dag = testDag({
      a: {
        body: ({ log }: FnContext) => {
          log.info('hello', { n: 1 });
          // biome-ignore lint/suspicious/noConsole: what a task prints is what is tested
          console.log('printed %d', 2);
        },
      },
      silent: { body: () => undefined },
    });
    const { id, folder } = await runDag(dag, { root });
    expect(folder).toBe(join(root, '.tutti', 'runs', id));
    expect(id).toMatch(/^\d{8}T\d{9}Z-test$/);
    expect(readdirSync(folder).sort()).toEqual(['events.jsonl', 'logs', 'manifest.json', 'run.json']);
    expect(readdirSync(join(folder, 'logs'))).toEqual(['a.1.log']);
    expect(jsonLines(join(folder, 'logs', 'a.1.log'))).toMatchObject([
      { level: 'info', message: 'hello', fields: { n: 1 } },
      { level: 'info', message: 'printed 2' },
    ]);
    const events = jsonLines(join(folder, 'events.jsonl'));
    expect(events.map(({ id: each }) => each)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(0)).toMatchObject({ type: 'ExecutionStarted' });
    expect(events.at(-1)).toMatchObject({ type: 'ExecutionSucceeded' });
    expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toMatchObject({ dagId: 'test' });
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({
      id,
      state: 'success',
      input: { run: { id, dagId: 'test', table: 'tutti' } },
      endedAt: expect.any(String),
    });
  });

  test('retries a failing task and tells each try’s error', async () => {
    class Flaky extends Error {}
    const dag = testDag({
      a: {
        retries: [{ on: ['Flaky'], attempts: 2, delay: 1 }],
        body: ({ run }: FnContext) => {
          if (run.try === 1) throw new Flaky('not yet');
          return run.try;
        },
      },
      b: {
        inputs: { at: output('a') },
        body: ({ at }) => ({ same: at === 2 }),
      },
    });
    const outcome = await runDag(dag, { root: temporaryFolder() });
    expect(outcome).toMatchObject({ state: 'success' });
    expect(outcome.tasks[0]?.tries).toMatchObject([
      { state: 'failed', error: 'Flaky', cause: 'not yet' },
      { state: 'success' },
    ]);
  });

  test('gives functions the run’s facts and params', async () => {
    const seen: unknown[] = [];
    const dag = testDag(
      {
        a: {
          inputs: { day: fact('interval', 'date'), region: param('region') },
          body: (inputs, { run }: FnContext) =>
            void seen.push(inputs, run.params, run.interval, run.logicalDate),
        },
      },
      {
        schedule: { kind: 'cron', expression: '0 2 * * *', timezone: 'Europe/Berlin', interval: 'data' },
        params: { region: { type: 'string', default: 'eu' } },
      },
    );
    await runDag(dag, { root: temporaryFolder(), logicalDate: '2026-01-05', params: { region: 'us' } });
    expect(seen).toEqual([
      { day: '2026-01-05', region: 'us' },
      { region: 'us' },
      { start: '2026-01-05T01:00:00Z', end: '2026-01-06T01:00:00Z', date: '2026-01-05' },
      '2026-01-05T01:00:00Z',
    ]);
  });

  test('skips below a task that skips itself, and fails without retry on FailTask', async () => {
    const dag = testDag({
      skips: { body: () => Promise.reject(new SkipTask('nothing to do')) },
      below: { after: ['skips'], body: () => undefined },
      fails: { retries: [{ attempts: 3, delay: 1 }], body: () => Promise.reject(new FailTask('broken')) },
    });
    const outcome = await runDag(dag, { root: temporaryFolder() });
    expect(outcome.state).toBe('failed');
    const [line] = jsonLines(join(outcome.folder, 'logs', 'skips.1.log'));
    expect(line).toEqual({ at: expect.any(String), level: 'info', message: 'skipped: nothing to do' });
    expect(outcome.tasks.map(({ id, state, tries }) => [id, state, tries.length])).toEqual([
      ['skips', 'skipped', 1],
      ['below', 'skipped', 0],
      ['fails', 'failed', 1],
    ]);
  });
});
