import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runDag } from '../../../lib/local/run.ts';
import type { CallNode, LocalStandIn } from '../../../lib/model/task.ts';
import { jsonLines, output, temporaryFolder, testDag } from '../dag.ts';

function glue(local?: LocalStandIn): CallNode {
  return { kind: 'engine', engine: 'glue.startJob', args: { jobName: 'clean' }, ...(local ? { local } : {}) };
}

describe('a simulated task', () => {
  test('gives its output and is marked simulated in the log and the record', async () => {
    const seen: unknown[] = [];
    const dag = testDag({
      job: { call: glue({ kind: 'simulate', output: { jobRunId: 'jr_1' } }) },
      after: { inputs: { id: output('job', 'jobRunId') }, body: (inputs) => void seen.push(inputs) },
    });
    const outcome = await runDag(dag, { root: temporaryFolder() });
    expect(seen).toEqual([{ id: 'jr_1' }]);
    expect(outcome.simulated).toEqual(['job']);
    expect(jsonLines(join(outcome.folder, 'logs/job.1.log'))).toMatchObject([
      { message: 'glue.startJob: simulated, nothing was called', fields: { simulated: true } },
    ]);
    expect(JSON.parse(readFileSync(join(outcome.folder, 'run.json'), 'utf8'))).toMatchObject({
      simulated: ['job'],
    });
  });

  test('fails its first tries with its error', async () => {
    const local = { kind: 'simulate', failTimes: 1, error: 'Glue.Busy' } as const;
    const dag = testDag({
      job: { call: glue(local), retries: [{ on: ['Glue.Busy'], attempts: 1, delay: 1 }] },
    });
    const outcome = await runDag(dag, { root: temporaryFolder() });
    expect(outcome.tasks[0]?.tries).toMatchObject([
      { state: 'failed', error: 'Glue.Busy' },
      { state: 'success' },
    ]);
  });
});

describe('a command in place of an engine', () => {
  const command = (script: string): LocalStandIn => ({
    kind: 'command',
    command: [process.execPath, '-e', script],
  });

  test('gets the arguments and the interval, and its lines are the log', async () => {
    const script = `console.log(process.env.TUTTI_ARGS); console.error(process.env.TUTTI_LOGICAL_DATE, process.cwd())`;
    const root = temporaryFolder();
    const outcome = await runDag(testDag({ job: { call: glue(command(script)) } }), {
      root,
      logicalDate: '2026-01-01',
    });
    expect(outcome).toMatchObject({ state: 'success', simulated: [] });
    const log = jsonLines(join(outcome.folder, 'logs/job.1.log'));
    expect(log.map(({ level, message }) => [level, message]).sort()).toEqual([
      ['info', '{"jobName":"clean"}'],
      ['warn', `2026-01-01T00:00:00Z ${root}`],
    ]);
  });

  test.each([
    ['process.exit(3)', 'Process.ExitCode', /must exit with 0, got 3$/],
    [`process.kill(process.pid, 'SIGKILL')`, 'Process.Killed', /must exit with 0, got SIGKILL$/],
  ])('fails with %s', async (script, error, cause) => {
    const outcome = await runDag(testDag({ job: { call: glue(command(script)) } }), {
      root: temporaryFolder(),
    });
    expect(outcome.tasks[0]?.tries).toMatchObject([{ error, cause: expect.stringMatching(cause) }]);
  });

  test('fails when it cannot be started', async () => {
    const dag = testDag({ job: { call: glue({ kind: 'command', command: ['no-such-program'] }) } });
    const outcome = await runDag(dag, { root: temporaryFolder() });
    expect(outcome.tasks[0]?.tries[0]?.error).toBe('Process.NotStarted');
  });

  test('is told to end at the timeout, with what it started', async () => {
    const root = temporaryFolder();
    const file = join(root, 'ended');
    const script = `process.on('SIGTERM', () => { require('fs').writeFileSync(${JSON.stringify(file)}, ''); process.exit(0) }); setInterval(() => {}, 1000)`;
    const outcome = await runDag(testDag({ job: { call: glue(command(script)), timeout: 1 } }), { root });
    expect(outcome.tasks[0]?.tries[0]?.error).toBe('States.Timeout');
    // The run ends when its commands have.
    expect(existsSync(file)).toBe(true);
  });
});

describe('before a run starts', () => {
  test('everything that cannot work here is told at once', async () => {
    const root = temporaryFolder();
    const dag = testDag(
      {
        load: { call: glue() },
        real: { call: glue({ kind: 'real' }) },
        ask: {
          call: {
            kind: 'engine',
            engine: 'http.request',
            connection: 'shop',
            args: { method: 'GET', path: '/' },
          },
        },
        query: {
          call: {
            kind: 'engine',
            engine: 'sql.query',
            connection: 'lake',
            args: { statements: [{ parts: ['select 1'] }] },
          },
        },
        fake: {
          call: {
            kind: 'engine',
            engine: 'sql.query',
            connection: 'unused',
            args: { statements: [{ parts: ['select 1'] }] },
            local: { kind: 'simulate' },
          },
        },
      },
      {
        connections: [
          { name: 'shop', kind: 'http' },
          { name: 'lake', kind: 'sql' },
          { name: 'unused', kind: 'sql' },
          { name: 'api', kind: 'http' },
        ],
      },
    );
    const connections = {
      lake: { kind: 'http' as const, baseUrl: 'https://x.y' },
      api: { kind: 'http' as const, baseUrl: 'https://x.y', secret: 'API_KEY' },
    };
    const refused = runDag(dag, {
      root,
      environment: { name: 'local', connections },
      secret: () => undefined,
    });
    await expect(refused).rejects.toMatchObject({
      name: 'RefusedError',
      code: 'no-stand-in',
      message: [
        'task "load" › glue.startJob: has no local stand-in; add local: …',
        'task "real" › glue.startJob: cannot be called from here yet, got local: real; add local: simulate(…) or local: command(…)',
        `environment "local" › connections.shop: must be configured, got nothing; add shop: { kind: 'http', baseUrl: 'https://…' } to it in tutti.config.ts`,
        'environment "local" › connections.lake: must be of kind "sql", got "http"',
        'environment "local" › connections.api.secret: must name an environment variable, got "API_KEY", which is not set; export API_KEY=…',
      ].join('\n'),
    });
    expect(existsSync(join(root, '.tutti'))).toBe(false);
  });
});
