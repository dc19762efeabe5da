import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { childBodies } from '../../../lib/local/isolate/child-bodies.ts';
import { runDag } from '../../../lib/local/run.ts';
import { jsonLines, temporaryFolder } from '../dag.ts';
import { only } from './bodies-dag.ts';
import { hostile } from './hostile-dag.ts';

const isolated = childBodies({ module: fileURLToPath(new URL('worker-main.ts', import.meta.url)) });
afterAll(() => isolated.close());

async function runOnly(...ids: readonly string[]) {
  const root = temporaryFolder();
  const outcome = await runDag(only(hostile, ...ids), { root, runBody: isolated.runBody });
  return {
    root,
    outcome,
    tries: outcome.tasks.map(({ id, tries: [first] }) => [id, first?.state, first?.error]),
  };
}

describe('a function in a child process', () => {
  test('gets its context and gives its output', async () => {
    const { root, outcome } = await runOnly('good');
    expect(outcome.state).toBe('success');
    expect(readFileSync(join(root, '.tutti/data/good.json'), 'utf8')).toBe('{"by":"hostile"}');
    const log = jsonLines(join(outcome.folder, 'logs/good.1.log'));
    expect(log.map(({ message }) => message).sort()).toEqual(['printed', 'works']);
    expect(JSON.parse(readFileSync(join(root, '.tutti/state/hostile/good.json'), 'utf8'))).toEqual({
      seen: outcome.id,
    });
  });

  test('of an instance of a map knows which it is', async () => {
    const good = only(hostile, 'good');
    const dag = { ...good, tasks: good.tasks.map((task) => ({ ...task, map: { items: ['a', 'b'] } })) };
    const { folder } = await runDag(dag, { root: temporaryFolder(), runBody: isolated.runBody });
    const works = [0, 1].map((at) =>
      jsonLines(join(folder, `logs/good@${at}.1.log`)).find(({ message }) => message === 'works'),
    );
    expect(works).toMatchObject([{ fields: { at: 0 } }, { fields: { at: 1 } }]);
  });

  test('fails one try when it crashes, exits, throws later or never ends', async () => {
    const { outcome, tries } = await runOnly('crash', 'exit', 'late', 'endless', 'good');
    expect(outcome.state).toBe('failed');
    expect(tries).toEqual([
      ['good', 'success', undefined],
      ['endless', 'failed', 'States.Timeout'],
      ['crash', 'failed', 'Dag.TaskCrashed'],
      ['exit', 'failed', 'Dag.TaskCrashed'],
      ['late', 'failed', 'Dag.TaskCrashed'],
    ]);
    const causes = outcome.tasks.map(({ tries: [first] }) => first?.cause);
    expect(causes[2]).toBe('task "crash": its process ended with signal SIGABRT before it answered');
    expect(causes[3]).toBe('task "exit": its process ended with exit code 0 before it answered');
    const said = readFileSync(join(outcome.folder, 'logs/late.1.log'), 'utf8');
    expect(said).toContain('thrown by nobody');
  });

  test('has its errors known by name', async () => {
    const { tries } = await runOnly('fails', 'skips', 'cycle');
    expect(tries).toEqual([
      ['fails', 'failed', 'FailTask'],
      ['skips', 'skipped', 'SkipTask'],
      ['cycle', 'failed', 'Dag.BadOutput'],
    ]);
  });
});
