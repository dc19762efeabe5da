import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { LineFile } from '../../lib/local/line-file.ts';
import { runDag } from '../../lib/local/run.ts';
import { type RunRecord, runsFolder } from '../../lib/local/run-folder.ts';
import type { FnContext } from '../../lib/model/context.ts';
import { jsonLines, output, temporaryFolder, testDag } from './dag.ts';

function recordIn(folder: string): RunRecord {
  return JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
}

describe('user code that misbehaves', () => {
  test.each<[string, () => unknown, string, RegExp]>([
    ['throws text', () => Promise.reject('plain'), 'Error', /^plain$/],
    ['throws an error without a message', () => Promise.reject(new TypeError()), 'TypeError', /^$/],
    ['returns a function', () => () => 1, 'Dag.BadOutput', /got a function/],
    ['returns a cycle', () => cyclic(), 'Dag.BadOutput', /got a cycle/],
    ['returns a BigInt', () => 1n, 'Dag.BadOutput', /got a bigint/],
    [
      'returns 10 MB',
      () => 'x'.repeat(10_000_000),
      'Dag.OutputTooLarge',
      /got 10000002; write it with files\.write/,
    ],
  ])('%s: the try fails and says why', async (_, body, error, cause) => {
    const outcome = await runDag(testDag({ bad: { body }, good: { body: () => 1 } }), {
      root: temporaryFolder(),
    });
    expect(outcome.state).toBe('failed');
    expect(outcome.tasks.map(({ state }) => state)).toEqual(['failed', 'success']);
    expect(outcome.tasks[0]?.tries).toMatchObject([{ error, cause: expect.stringMatching(cause) }]);
    expect(readFileSync(join(outcome.folder, 'logs/bad.1.log'), 'utf8')).toContain(error);
  });

  test('returns undefined: that is no output', async () => {
    const seen: unknown[] = [];
    const dag = testDag({
      none: { body: () => undefined },
      after: {
        inputs: { whole: output('none'), part: output('none', 'x') },
        body: (inputs) => void seen.push(inputs),
      },
    });
    expect(await runDag(dag, { root: temporaryFolder() })).toMatchObject({ state: 'success' });
    expect(seen).toEqual([{ whole: null }]);
  });

  test('returns a promise of another library: it is awaited', async () => {
    const seen: unknown[] = [];
    // biome-ignore lint/suspicious/noThenProperty: what query builders return is tested
    const thenable = { then: (resolve: (value: unknown) => void) => resolve({ n: 1 }) };
    const dag = testDag({
      a: { body: () => thenable },
      b: { inputs: { n: output('a', 'n') }, body: (inputs) => void seen.push(inputs) },
    });
    await runDag(dag, { root: temporaryFolder() });
    expect(seen).toEqual([{ n: 1 }]);
  });

  test('never ends: its signal is aborted at the timeout, and the next task does not wait for it', async () => {
    let aborted = false;
    const never = ({ signal, log }: FnContext) => {
      signal.addEventListener('abort', () => {
        aborted = true;
        log.info('in time');
        setImmediate(() => log.info('too late'));
      });
      return new Promise(() => undefined);
    };
    const outcome = await runDag(testDag({ never: { body: never, timeout: 1 } }), {
      root: temporaryFolder(),
    });
    expect(outcome.tasks[0]?.tries[0]?.error).toBe('States.Timeout');
    expect(aborted).toBe(true);
    const lines = jsonLines(join(outcome.folder, 'logs/never.1.log'));
    expect(lines.map(({ message }) => message)).toEqual(['in time']);
  });

  test('chooses a label that is none, or answers a short circuit with something else than yes or no', async () => {
    const dag = testDag({
      size: { call: { kind: 'branch', inputs: null, labels: ['big', 'small'] }, body: () => ['big', 'huge'] },
      go: { call: { kind: 'shortCircuitFn', inputs: null, respectTriggerRules: false }, body: () => 'yes' },
      a: { upstream: [{ task: 'size', labels: ['big'] }] } as never,
    });
    const outcome = await runDag(dag, { root: temporaryFolder() });
    const causes = outcome.tasks.map(({ tries: [first] }) => first?.cause);
    expect(causes[0]).toBe(
      'task "size" › output: must be labels of this branch, got "huge"; return "big", "small" or nothing',
    );
    expect(causes[1]).toBe('task "go" › output: must be true or false, got "yes"; return a comparison');
  });
});

describe('a run that is cancelled', () => {
  test('aborts its tasks and is recorded as cancelled', async () => {
    const stop = new AbortController();
    const reasons: unknown[] = [];
    const dag = testDag({
      long: {
        body: ({ signal }: FnContext) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reasons.push(signal.aborted);
              reject(signal.reason);
            });
            setImmediate(() => stop.abort());
          }),
      },
      next: { after: ['long'], body: () => 1 },
    });
    const outcome = await runDag(dag, { root: temporaryFolder(), signal: stop.signal });
    expect(outcome).toMatchObject({ state: 'cancelled', status: 'ABORTED' });
    expect(outcome.tasks.map(({ state }) => state)).toEqual(['cancelled', 'none']);
    expect(reasons).toEqual([true]);
    expect(recordIn(outcome.folder).state).toBe('cancelled');
    expect(jsonLines(join(outcome.folder, 'events.jsonl')).at(-1)).toMatchObject({
      type: 'ExecutionAborted',
    });
  });
});

describe('a disk that cannot be written', () => {
  test('refuses the run before anything starts', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, '.tutti'), 'a file where the folder should be');
    let ran = false;
    const dag = testDag({
      a: {
        body: () => {
          ran = true;
        },
      },
    });
    await expect(runDag(dag, { root })).rejects.toMatchObject({
      code: 'not-writable',
      message: expect.stringMatching(
        /^run › .*runs: must be a folder that can be written, got .*; free some space/,
      ),
    });
    expect(ran).toBe(false);
  });

  test('ends the run when it fills up on the way, and says so', async () => {
    const root = temporaryFolder();
    const dag = testDag({
      talks: {
        body: async ({ log, signal }: FnContext) => {
          log.info('x');
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
    });
    const onStart = ({ folder }: { readonly folder: string }) =>
      symlinkSync('/dev/full', join(folder, 'logs/talks.1.log'));
    await expect(runDag(dag, { root, onStart })).rejects.toThrow(
      /must be a folder that can be written, got ENOSPC/,
    );
    const [id = ''] = readdirSync(runsFolder(root));
    expect(recordIn(join(runsFolder(root), id))).toMatchObject({
      state: 'failed',
      error: 'RefusedError',
      cause: expect.stringContaining('ENOSPC'),
    });
  });

  test('tells a line file’s owner once', () => {
    const errors: unknown[] = [];
    const file = new LineFile('/dev/full', (error) => errors.push(error));
    file.write('a');
    file.flush();
    file.write('b');
    file.close();
    file.close();
    expect(errors).toMatchObject([{ code: 'ENOSPC' }]);
  });
});

test('a thousand tasks that log at once do not use up the process’s files', async () => {
  let waiting = 0;
  let go: (value: unknown) => void = () => undefined;
  const all = new Promise((resolve) => {
    go = resolve;
  });
  const body = async ({ log }: FnContext) => {
    log.info('here');
    waiting += 1;
    if (waiting === 1100) go(undefined);
    await all;
    log.info('there');
  };
  const ids = Array.from({ length: 1100 }, (_, index) => `t${index}`);
  const dag = testDag(Object.fromEntries(ids.map((id) => [id, { body }])));
  const outcome = await runDag(dag, { root: temporaryFolder() });
  expect(outcome.state).toBe('success');
  const lines = jsonLines(join(outcome.folder, 'logs/t1099.1.log'));
  expect(lines.map(({ message }) => message)).toEqual(['here', 'there']);
});

describe('what is left behind', () => {
  test('two runs of one instant have two ids, in order', async () => {
    const root = temporaryFolder();
    const clock = { now: () => 0, until: async () => undefined };
    const dag = testDag({ a: { body: () => 1 } });
    const ids = (await Promise.all([0, 1, 2].map(() => runDag(dag, { root, clock })))).map(({ id }) => id);
    expect(ids).toEqual([
      '19700101T000000000Z-test',
      '19700101T000000000Z-test-2',
      '19700101T000000000Z-test-3',
    ]);
    expect(readdirSync(runsFolder(root)).sort()).toEqual(ids);
  });

  test('is readable after the process was killed in the middle of a task', async () => {
    const root = temporaryFolder();
    const main = fileURLToPath(new URL('killed-main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, root], { stdio: 'inherit' });
    const ended = await new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)));
    expect(ended).toBe('SIGKILL');
    const [id = ''] = readdirSync(runsFolder(root));
    const folder = join(runsFolder(root), id);
    expect(recordIn(folder)).toMatchObject({ id, state: 'running', pid: child.pid });
    const events = jsonLines(join(folder, 'events.jsonl'));
    expect(events.at(-1)).toMatchObject({ type: 'TaskStarted' });
    expect(JSON.stringify(events)).toContain('"name":"second"');
    expect(existsSync(join(folder, 'manifest.json'))).toBe(true);
  });

  test('a folder of the same name does no harm', async () => {
    const root = temporaryFolder();
    mkdirSync(join(runsFolder(root), '19700101T000000000Z-test'), { recursive: true });
    const clock = { now: () => 0, until: async () => undefined };
    const { id } = await runDag(testDag({ a: { body: () => 1 } }), { root, clock });
    expect(id).toBe('19700101T000000000Z-test-2');
  });
});

function cyclic(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}
