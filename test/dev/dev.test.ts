/** `tutti dev` as a user starts it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { DevProject } from '../../lib/cli/dev/dev-project.ts';
import { openLocalWorld } from '../../lib/local/world.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { json } from '../cli/ledger.ts';
import { BROKEN } from '../cli/sales.ts';
import { project, tutti } from '../cli/tutti.ts';
import { startDev } from './dev.ts';

/** One DAG that needs nothing, and says what it is told. */
const HELLO = `
import { dag, fn } from 'tutti';

export const hello = dag('hello', {}, ({ task }) => {
  const greet = task('greet', fn(async () => ({ text: 'good morning' })));
  task('tell', fn({ text: greet.output.text }, async ({ text }, { log }) => log.info(text)));
});
`;

const EVERY_MINUTE = `
import { cron, dag, fn } from 'tutti';

export const often = dag('often', { schedule: cron('* * * * *'), start: '2026-01-01', catchup: false }, ({ task }) => {
  task('work', fn(async () => 1));
});
`;

test('listens, schedules what is due, answers the API, and ends with Ctrl-C', async () => {
  const dev = await startDev(project({ 'pipelines/often.ts': EVERY_MINUTE }));
  const run = await dev.next('run', ({ state }) => state === 'success');
  expect(run).toMatchObject({ dag: 'often', type: 'scheduled', attempt: 1 });
  expect(await dev.get('/api/v1/dags')).toMatchObject({ items: [{ id: 'often', paused: false }] });
  const page = await (await fetch(dev.url)).text();
  expect(page).toContain('<a href="/api/v1/dags/often">often</a>');
  expect(await dev.stop()).toEqual({ code: 0, stderr: '' });
  // What ran by its schedule is enough to see: no sample.
  expect(dev.said.filter(({ event }) => event === 'sample')).toEqual([]);
  expect(dev.said.at(-1)).toMatchObject({ event: 'stopped', interrupted: 0 });
});

test('runs a sample once, where nothing has run yet', async () => {
  const root = project({ 'pipelines/hello.ts': HELLO });
  const first = await startDev(root);
  const { run } = await first.next('sample', ({ dag }) => dag === 'hello');
  await first.next('run', (said) => said['run'] === run && said['state'] === 'success');
  await first.stop();
  const second = await startDev(root);
  await second.next('loaded');
  await second.get('/api/v1/dags');
  await second.stop();
  expect(second.said.map(({ event }) => event)).toEqual(['listening', 'loaded', 'stopped']);
});

test('runs nothing unasked with --no-sample, nor what waits for somebody', async () => {
  const asks = `
import { approve, dag } from 'tutti';
export const asks = dag('asks', {}, ({ task }) => { task('ok', approve({ message: 'go?' })); });
`;
  const [one, other] = await Promise.all([
    startDev(project({ 'pipelines/hello.ts': HELLO }), '--no-sample'),
    startDev(project({ 'pipelines/asks.ts': asks })),
  ]);
  for (const dev of [one, other]) {
    expect(await dev.next('loaded')).toMatchObject({ dags: 1, problems: [] });
    expect(await dev.get('/api/v1/runs')).toMatchObject({ items: [] });
    await dev.stop();
    expect(dev.said.some(({ event }) => event === 'sample' || event === 'run')).toBe(false);
  }
});

describe('a change of a file', () => {
  test('is taken, refused while it is broken, and taken again', async () => {
    const root = project({ 'pipelines/hello.ts': HELLO });
    const file = join(root, 'pipelines/hello.ts');
    const dev = await startDev(root, '--no-sample');
    expect(await dev.next('loaded')).toMatchObject({ added: ['hello'], broken: [] });

    writeFileSync(file, HELLO.replace("task('tell'", "task('say'"));
    expect(await dev.next('loaded')).toMatchObject({
      files: ['pipelines/hello.ts'],
      changed: ['hello'],
      broken: [],
    });
    const changed = await dev.get('/api/v1/dags/hello');

    writeFileSync(file, HELLO.replace('export const', 'export cnst'));
    expect(await dev.next('loaded')).toMatchObject({
      broken: ['pipelines/hello.ts'],
      kept: ['hello'],
      retired: [],
      problems: [{ code: 'unloadable-file', at: { file: 'pipelines/hello.ts', line: 4 } }],
    });
    expect(await dev.get('/api/v1/dags/hello')).toEqual(changed);

    writeFileSync(file, HELLO);
    expect(await dev.next('loaded')).toMatchObject({ mended: ['pipelines/hello.ts'], changed: ['hello'] });

    rmSync(file);
    expect(await dev.next('loaded')).toMatchObject({ dags: 0, retired: ['hello'] });
    const { code, stderr } = await dev.stop();
    expect(code).toBe(0);
    // The code is shown to whoever sits there.
    expect(stderr).toContain('export cnst hello');
    expect(stderr).toContain('hello stays as it was');
  });

  test('in what it imports reaches every DAG that does, and no other', async () => {
    const using = (id: string) =>
      `import { dag, fn } from 'tutti';\nimport { word } from '../shared/word.ts';\nexport const ${id} = dag('${id}', {}, ({ task }) => { task(word, fn(async () => 1)); });\n`;
    const root = project({
      'shared/word.ts': "export const word = 'one';\n",
      'pipelines/a.ts': using('a'),
      'pipelines/b.ts': using('b'),
      'pipelines/hello.ts': HELLO,
    });
    const dev = await startDev(root, '--no-sample');
    await dev.next('loaded');
    // What is beside them changes nothing.
    writeFileSync(join(root, 'shared/note.txt'), 'a note');
    writeFileSync(join(root, 'note.txt'), 'a note');
    await setTimeout(100);
    writeFileSync(join(root, 'shared/word.ts'), "export const word = 'two';\n");
    expect(await dev.next('loaded')).toMatchObject({
      files: ['shared/word.ts'],
      changed: ['a', 'b'],
      read: ['a', 'b'],
    });
    rmSync(join(root, 'shared/word.ts'));
    expect(await dev.next('loaded')).toMatchObject({
      broken: ['pipelines/a.ts', 'pipelines/b.ts'],
      kept: ['a', 'b'],
    });
    writeFileSync(join(root, 'shared/word.ts'), "export const word = 'three';\n");
    expect(await dev.next('loaded')).toMatchObject({
      mended: ['pipelines/a.ts', 'pipelines/b.ts'],
      changed: ['a', 'b'],
      broken: [],
    });
    await dev.stop();
  });

  test('runs the new code of a function from the next run on', async () => {
    const root = project({ 'pipelines/hello.ts': HELLO });
    const dev = await startDev(root, '--no-sample');
    await dev.next('loaded');
    writeFileSync(join(root, 'pipelines/hello.ts'), HELLO.replace('good morning', 'good night'));
    expect(await dev.next('loaded')).toMatchObject({ changed: [], read: ['hello'] });
    const { code } = await tutti(root, 'trigger', 'hello', '--wait');
    expect(code).toBe(0);
    const logs = await tutti(root, 'runs', 'logs', 'hello', 'latest', 'tell');
    expect(logs.stdout).toContain('good night');
    await dev.stop();
  });
});

test('tells of a failed run once, with the command that runs it again', async () => {
  const root = project({ 'pipelines/broken.ts': BROKEN });
  const dev = await startDev(root, '--no-sample');
  await dev.next('loaded');
  const { document } = await json(root, 'trigger', 'broken');
  const { run, ...message } = await dev.next('message');
  expect(run).toBe(document.run.id);
  expect(message).toMatchObject({
    kind: 'failed',
    command: `tutti clear broken ${document.run.id} --failed`,
  });
  await dev.next('run', ({ state }) => state === 'failed');
  await dev.stop();
  expect(dev.said.filter(({ event }) => event === 'message')).toHaveLength(1);
});

test('a broken file at the start hides its DAGs and does not retire them', async () => {
  const root = project({ 'pipelines/hello.ts': HELLO });
  const first = await startDev(root, '--no-sample');
  await first.next('loaded');
  await first.stop();
  writeFileSync(join(root, 'pipelines/hello.ts'), 'export const = 1;\n');
  const second = await startDev(root, '--no-sample');
  expect(await second.next('loaded')).toMatchObject({ dags: 0, retired: [], broken: ['pipelines/hello.ts'] });
  expect(await second.get('/api/v1/dags')).toMatchObject({ items: [{ id: 'hello' }] });
  await second.stop();
});

test('--isolate leaves an endless loop to its own try: others go on', async () => {
  const loops = `
import { dag, fn } from 'tutti';
export const loops = dag('loops', {}, ({ task }) => { task('loop', fn(async () => { for (;;); }), { timeout: '1s' }); });
`;
  const root = project({ 'pipelines/loops.ts': loops, 'pipelines/hello.ts': HELLO });
  const dev = await startDev(root, '--no-sample', '--isolate');
  await dev.next('loaded');
  await tutti(root, 'trigger', 'loops');
  const { code } = await tutti(root, 'trigger', 'hello', '--wait');
  expect(code).toBe(0);
  await dev.next('run', ({ dag, state }) => dag === 'loops' && state === 'failed');
  await dev.stop();
});

test('a project without pipelines waits for some', async () => {
  const root = project({ 'README.md': 'empty' });
  const dev = await startDev(root);
  expect(await dev.next('loaded')).toMatchObject({ dags: 0, problems: [{ code: 'no-pipelines' }] });
  writeFileSync(join(root, 'note.txt'), 'changes nothing');
  await setTimeout(100);
  mkdirSync(join(root, 'pipelines'));
  writeFileSync(join(root, 'pipelines/hello.ts'), HELLO);
  expect(await dev.next('loaded')).toMatchObject({ dags: 1, added: ['hello'], problems: [] });
  await dev.stop();
});

test('a second one on the same store says who has it', async () => {
  const root = project({ 'pipelines/hello.ts': HELLO });
  const dev = await startDev(root, '--no-sample');
  const { code, stdout, stderr } = await tutti(root, 'dev', '--port', '0');
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  expect(stderr).toContain(`process ${dev.child.pid} has it since `);
  expect(stderr).toContain(dev.url);
  await dev.stop();
});

test('a run whose process was killed goes on with the next one, and what was done stays done', async () => {
  const twoSteps = `
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { dag, fn } from 'tutti';

export const steps = dag('steps', { defaults: { retries: { attempts: 3, delay: '1s' } } }, ({ task }) => {
  const first = task('first', fn(async () => { appendFileSync('first.txt', 'done,'); return { at: 1 }; }));
  task('second', fn({ at: first.output.at }, async () => {
    appendFileSync('second.txt', 'begun,');
    while (!existsSync('go')) await setTimeout(20);
  }));
});
`;
  const root = project({ 'pipelines/steps.ts': twoSteps });
  const dev = await startDev(root, '--no-sample');
  await dev.next('loaded');
  await tutti(root, 'trigger', 'steps');
  while (!existsSync(join(root, 'second.txt'))) await setTimeout(20);
  const ended = new Promise((resolve) => dev.child.once('close', resolve));
  dev.child.kill('SIGKILL');
  await ended;
  writeFileSync(join(root, 'go'), '');
  const next = await startDev(root);
  await next.next('run', ({ state }) => state === 'success');
  expect(readFileSync(join(root, 'first.txt'), 'utf8')).toBe('done,');
  expect(readFileSync(join(root, 'second.txt'), 'utf8')).toBe('begun,begun,');
  const { stdout } = await tutti(root, 'task', 'steps', 'latest', 'second', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    state: 'success',
    rows: [{ attempt: 1, tries: [{ state: 'failed' }, { state: 'success' }] }],
  });
  await next.stop();
});

test('one that was killed leaves the store to the next one', async () => {
  const root = project({ 'pipelines/hello.ts': HELLO });
  const dev = await startDev(root, '--no-sample');
  const ended = new Promise((resolve) => dev.child.once('close', resolve));
  dev.child.kill('SIGKILL');
  await ended;
  const next = await startDev(root, '--no-sample');
  await next.next('loaded');
  expect((await next.stop()).code).toBe(0);
});

describe('the server', () => {
  test('answers no foreign host and takes no writes of other sites', async () => {
    const dev = await startDev(project({ 'pipelines/hello.ts': HELLO }), '--no-sample');
    await dev.next('loaded');
    const { port } = new URL(dev.url);
    expect(await statusOf(port, '/api/v1/dags', { host: 'evil.example' })).toBe(421);
    expect(await statusOf(port, '/', { host: 'evil.example' })).toBe(421);
    expect(await statusOf(port, '/api/v1/dags', { host: `localhost:${port}` })).toBe(200);
    const write = await fetch(`${dev.url}/api/v1/dags/hello:pause`, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
      body: '{}',
    });
    expect(write.status).toBe(403);
    expect(await dev.get('/api/v1/dags')).toMatchObject({ items: [{ paused: false }] });
    await dev.stop();
  });

  test('refuses a port that is taken, where it was named', async () => {
    const dev = await startDev(project({ 'pipelines/hello.ts': HELLO }), '--no-sample');
    const { port } = new URL(dev.url);
    const { code, stderr } = await tutti(project({ 'pipelines/hello.ts': HELLO }), 'dev', '--port', port);
    expect(code).toBe(5);
    expect(stderr).toContain(`--port: must be a free one, got ${port}`);
    await dev.stop();
  });

  test.each(['x', '70000', '-1'])('refuses the port %s', async (port) => {
    const { code, stderr } = await tutti(project({}), 'dev', '--port', port);
    expect(code).toBe(2);
    expect(stderr).toContain(`must be a whole number from 0 to 65535, got "${port}"`);
  });
});

test('tells a person what happens, in words', async () => {
  const root = project({ 'pipelines/hello.ts': HELLO });
  const { start } = await import('../cli/tutti.ts');
  const { child, done, printed } = start(root, 'dev', '--port', '0');
  await printed('✓ success  hello');
  child.kill('SIGTERM');
  const { code, stdout } = await done;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d\d:\d\d:\d\d http:\/\/127\.0\.0\.1:\d+ {2}page at \/, API at \/api\/v1\n/);
  expect(stdout).toContain('1 DAG, scheduled here; tutti pause <dag> holds one back');
  expect(stdout).toContain('nothing has run here yet: running hello as a sample');
  expect(stdout).toContain('stopped; nothing was running');
  expect(readFileSync(join(root, '.tutti/store.sqlite')).length).toBeGreaterThan(0);
});

/** `fetch` sets the host itself. */
function statusOf(
  port: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, ({ statusCode }) => resolve(statusCode))
      .on('error', reject)
      .end();
  });
}

const keeps = (retention: string) =>
  `import { defineConfig } from 'tutti';\nexport const config = defineConfig({ environments: { local: { retention: ${retention} } } });\n`;

test('removes runs that the configuration does not keep', async () => {
  const root = project({ 'pipelines/hello.ts': HELLO, 'tutti.config.ts': keeps('{ keep: 1 }') });
  for (let run = 1; run <= 2; run++) expect((await tutti(root, 'run', 'hello')).code).toBe(0);
  const dev = await startDev(root);
  expect(await dev.next('pruned')).toMatchObject({ runs: 1, folders: 0 });
  expect(readdirSync(join(root, '.tutti', 'runs'))).toHaveLength(1);
  expect(await dev.get('/api/v1/dags/hello/runs')).toMatchObject({ items: [{ state: 'success' }] });
  expect(await dev.stop()).toEqual({ code: 0, stderr: '' });
});

test('does not know which runs to keep until the configuration can be read', async () => {
  const root = project({ 'pipelines/hello.ts': HELLO });
  const world = await openLocalWorld({ root, store: memoryStore() });
  const write = (retention: string) => writeFileSync(join(root, 'tutti.config.ts'), keeps(retention));
  const retention = async (dev: DevProject) => {
    await dev.reload(world);
    return dev.retention;
  };
  expect(await retention(new DevProject(root, false))).toEqual({ age: '400d', keep: 10_000 });
  write('{');
  expect(await retention(new DevProject(root, false))).toBeUndefined();
  write("{ age: '1w' as never }");
  expect(await retention(new DevProject(root, false))).toBeUndefined();
  write('{}');
  expect(await retention(new DevProject(root, false))).toEqual({});
});
