import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project, type Started, start, tutti } from './tutti.ts';

const GATED = `
import { approve, dag, fn, text } from 'tutti';

export const gated = dag('gated', {}, ({ task }) => {
  const count = task('count', fn(() => ({ rows: 12 })));
  const gate = task('gate', approve({ message: text\`Load \${count.output.rows} rows?\` }));
  task('load', fn({ answer: gate.output }, ({ answer }, { files }) => files.write('answer.json', answer)));
});
`;

const MAPPED = `
import { approve, dag } from 'tutti';

export const mapped = dag('mapped', {}, ({ task }) => {
  task.map('gate', ['eu', 'us'], (region) => approve({ message: region, choices: ['go', 'stop'], rejects: ['stop'] }));
});
`;

describe('tutti approve', () => {
  test('answers a run in another terminal, once', async () => {
    const { root, run, id } = await waiting('gated', GATED, 1);
    const listed = await tutti(root, 'approve', 'latest');
    expect(listed.stdout).toContain(`? gate asks: Load 12 rows?`);
    expect(listed.stdout).toContain(`tutti approve ${id} gate [--choice approve|reject]`);
    const answered = await tutti(root, 'approve', id, 'gate', '--by', 'ann', '--comment', 'looks right');
    expect(answered).toEqual({ code: 0, stdout: '✓ gate: approve\n', stderr: '' });
    const { code, stdout, stderr } = await run.done;
    expect(code).toBe(0);
    expect(stderr).toContain(`tutti approve ${id} gate`);
    expect(stdout).toMatch(/^✓ success {2}gate in /m);
    const log = (await tutti(root, 'logs', id, 'gate', '--json')).stdout;
    expect(log).toContain('asks: Load 12 rows?');
    expect(log).toContain('answered approve by ann: looks right');
    const twice = await tutti(root, 'approve', id, 'gate');
    expect(twice.code).toBe(5);
    expect(twice.stderr).toContain(`run "${id}": must be running, got one that ended success`);
  }, 60_000);

  test('rejects: the task fails, and no rule retries it', async () => {
    const { root, run } = await waiting('gated', GATED, 1);
    const answered = await tutti(
      root,
      'approve',
      'latest',
      'gate',
      '--choice',
      'reject',
      '--by',
      'ann',
      '--json',
    );
    expect(JSON.parse(answered.stdout)).toMatchObject({
      task: 'gate',
      answer: { choice: 'reject', by: 'ann' },
    });
    const { code, stdout } = await run.done;
    expect(code).toBe(1);
    expect(stdout).toContain('Approval.Rejected: reject by ann');
    expect(stdout).toContain('upstream failed  load');
  }, 60_000);

  test('of a mapped task says which one', async () => {
    const { root, run } = await waiting('mapped', MAPPED, 2);
    const listed = await tutti(root, 'approve', 'latest', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({
      waiting: [
        { task: 'gate', instance: '0', message: 'eu' },
        { task: 'gate', instance: '1', message: 'us' },
      ],
    });
    const [vague, unknown, wrong] = await Promise.all([
      tutti(root, 'approve', 'latest', 'gate'),
      tutti(root, 'approve', 'latest', 'gate[7]'),
      tutti(root, 'approve', 'latest', 'gate[1]', '--choice', 'maybe'),
    ]);
    expect(vague).toMatchObject({ code: 5, stderr: expect.stringContaining('waiting: gate[0], gate[1]') });
    expect(unknown).toMatchObject({ code: 5, stderr: expect.stringContaining('got "gate[7]"') });
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('must be one of go, stop, got "maybe"'),
    });
    expect((await tutti(root, 'approve', 'latest', 'gate[1]')).code).toBe(0);
    const twice = await tutti(root, 'approve', 'latest', 'gate[1]');
    expect(twice).toMatchObject({ code: 5, stderr: expect.stringContaining('an answer is final') });
    expect((await tutti(root, 'approve', 'latest', 'gate')).code).toBe(0);
    expect((await run.done).code).toBe(0);
  }, 60_000);

  test('refuses a run or task that is not there or does not wait, and a run whose process is gone', async () => {
    const { root, run } = await waiting('gated', GATED, 1);
    const [noRun, noTask, ended, other] = await Promise.all([
      tutti(root, 'approve', 'nothing'),
      tutti(root, 'approve', 'latest', 'gat'),
      tutti(root, 'approve', 'latest', 'count'),
      tutti(root, 'approve', 'latest', 'load'),
    ]);
    expect(noRun).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('tutti approve › run: must be the id'),
    });
    expect(noTask).toMatchObject({ code: 3, stderr: expect.stringContaining('did you mean "gate"?') });
    for (const { code, stderr } of [ended, other]) {
      expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining('waiting: gate') });
    }
    run.child.kill('SIGKILL');
    await run.done;
    const gone = await tutti(root, 'approve', 'latest', 'gate');
    expect(gone).toMatchObject({ code: 5, stderr: expect.stringContaining('one whose process is gone') });
    expect((await tutti(root, 'approve', 'latest')).stdout).toMatch(/^nothing waits in /);
  }, 60_000);
});

/** A run in which so many wait for an answer. */
async function waiting(dag: string, source: string, count: number) {
  const root = project({ [`pipelines/${dag}.ts`]: source });
  const run = start(root, 'run', dag);
  await asked(run, count);
  const [id = ''] = readdirSync(join(root, '.tutti/runs'));
  return { root, run, id };
}

function asked({ child }: Started, count: number): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk) => {
      text += chunk;
      if (text.split(' asks: ').length > count) resolve();
    });
    child.once('exit', () => reject(new Error(`ended before it asked: ${text}`)));
  });
}
