/** The package as others get it: packed, installed into an empty folder, and used there from end to end. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What `npm pack` needs of this folder. A copy, so that other tests keep the command that they run. */
const SOURCES = [
  'LICENSE',
  'README.md',
  'bin',
  'build-lambdas.ts',
  'build.ts',
  'lambdas',
  'lib',
  'pack.ts',
  'package.json',
  'pipelines',
  'template',
  'tsconfig.json',
  'tsconfig.types.json',
  '.npmrc',
];
/** npm asks its registry for what its cache does not hold. */
const SLOW = 300_000;
/** Of one command, which is then ended. */
const SLOW_COMMAND = 120_000;

/** Variables of whoever runs this test; where npm's registry is, is the machine's. */
const OURS =
  /^(npm_(?!config_(registry|cache|cafile|userconfig|\w*proxy)$)|NODE_(ENV|OPTIONS|PATH)$|VITEST|INIT_CWD$|CI$)/i;

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let project: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-package-'));
  project = join(folder, 'Sales Data');
  mkdirSync(project);
  const tarball = await pack(join(folder, 'source'));
  await succeeds('npm', 'init', '-y');
  await succeeds('npm', 'install', '--no-audit', '--no-fund', tarball);
  await succeeds('npx', 'tutti', 'init');
}, SLOW);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the package holds JavaScript and declarations, no source and nothing of an earlier build', () => {
  const files = readdirSync(installed(), { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => /\.ts$/.test(file) && !/\.d\.ts$|^template/.test(file))).toEqual([]);
  const doors = ['dist/index.js', 'dist/testing.js', 'dist/constructs.js'];
  const lambdas = ['dist/lambdas/core/tick.mjs', 'dist/lambdas/dag/runtime.mjs'];
  expect(files).toEqual(expect.arrayContaining([...doors, ...lambdas]));
  expect(files.filter((file) => /^(lib|test|pipelines|node_modules)\b|\.built|earlier/.test(file))).toEqual(
    [],
  );
});

test('the package names the licences of what is bundled into it', () => {
  const text = readFileSync(join(installed(), 'dist/LICENSES.txt'), 'utf8');
  const named = [...text.matchAll(/^(\S+)\n\n.*(?:MIT|ISC|Apache)/gm)].map(([, name]) => name);
  // Those that the README calls bundled, and what they bring.
  const rows = readFileSync('README.md', 'utf8').matchAll(/^\| (`[^|]*) \(bundled\)/gm);
  const bundled = [...rows].flatMap(([, names = '']) => names.replaceAll('`', '').split(', '));
  expect(bundled.length).toBeGreaterThan(5);
  expect(named).toEqual(expect.arrayContaining(bundled));
});

test('npm init’s package.json is completed, and keeps what it says', () => {
  const file = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  expect(file).toMatchObject({
    type: 'module',
    license: 'ISC',
    scripts: { test: 'node --test "test/**/*.test.ts"' },
    dependencies: { tutti: 'file:../tutti-0.1.0.tgz' },
  });
});

test('its own tests pass', async () => {
  expect((await succeeds('npm', 'test')).stdout).toMatch(/pass 5\n.*fail 0\n/);
});

test('its types are checked against the package’s', async () => {
  await succeeds('npx', 'tsc', '--noEmit', '--skipLibCheck', 'false');
  const { code, stdout } = await withFile(
    'pipelines/wrong.ts',
    `import { dag, fn } from 'tutti';
import { simulate } from 'tutti/testing';
import { Tutti } from 'tutti/constructs';

export const wrong = dag('wrong', {}, ({ task }) => {
  const made = task('make', fn(() => ({ path: 'a' })));
  task('read', fn({ path: made.output.pth }, () => undefined));
});
simulate(wrong, {});
new Tutti(wrong);
`,
    () => run('npx', 'tsc', '--noEmit'),
  );
  expect(code).not.toBe(0);
  expect([...stdout.matchAll(/^pipelines\/wrong\.ts\((\d+),/gm)].map(([, line]) => line)).toEqual([
    '7',
    '9',
    '10',
  ]);
});

test('tutti check finds no mistake, and tells one with its place', async () => {
  expect((await succeeds('npx', 'tutti', 'check')).stdout).toContain('2 DAGs, no mistakes');
  const { code, stderr } = await withFile(
    'pipelines/wrong.ts',
    `import { dag, fn } from 'tutti';

export const wrong = dag('wrong', {}, ({ task }) => {
  task('make', fn(() => 1), { retrys: 3 });
});
`,
    () => run('npx', 'tutti', 'check'),
  );
  expect(code).toBe(1);
  expect(stderr).toContain('at pipelines/wrong.ts:4:');
  expect(stderr).toContain("> 4 |   task('make', fn(() => 1), { retrys: 3 });");
});

test.each(['orders', 'orders --isolate', 'weekly_report'])('tutti run %s', async (line) => {
  const args = line.split(' ');
  const { stdout } = await succeeds('npx', 'tutti', 'run', ...args, '--logical-date', '2026-01-05', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ run: { state: 'success' } });
});

test('a function that fails is told with the line of its author', async () => {
  const source = `import { dag, FailTask, fn } from 'tutti';

export const broken = dag('broken', {}, ({ task }) => {
  task('stop', fn(() => {
    throw new FailTask('no orders');
  }));
});
`;
  const { stdout } = await withFile('pipelines/broken.ts', source, async () => {
    expect((await run('npx', 'tutti', 'run', 'broken')).code).toBe(1);
    return run('npx', 'tutti', 'logs', 'latest');
  });
  expect(stdout).toContain('FailTask: no orders');
  expect(stdout).toMatch(/pipelines\/broken\.ts:5:11/);
});

test('cdk synth gives what an environment needs, with the machines that run here', async () => {
  await succeeds('npx', 'cdk', 'synth', '--quiet', '--no-notices');
  const folder = join(project, 'cdk.out');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.json'),
  );
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  const template = texts.find((text) => text.includes('Custom::TuttiDags'));
  for (const dag of ['orders', 'weekly_report']) {
    const { definition } = JSON.parse((await succeeds('npx', 'tutti', 'compile', dag, '--json')).stdout);
    // Small ones are in the template, as a text of it.
    const text = JSON.stringify(definition);
    expect(texts.includes(text) || template?.includes(JSON.stringify(text))).toBe(true);
    expect(template).toContain(`"tutti-dev-${dag}-0"`);
  }
});

test('a second init writes nothing and names what is there', async () => {
  const { code, stderr } = await run('npx', 'tutti', 'init');
  expect(code).toBe(5);
  expect(stderr).toContain('got .gitignore, README.md, bin/app.ts, cdk.json, pipelines/orders.ts,');
});

test('a project beside it depends on the same package', async () => {
  const { stdout } = await succeeds('npx', 'tutti', 'init', '../other', '--no-install', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'other',
    packageJson: 'created',
    installed: false,
    next: [`cd ${join(folder, 'other')}`, 'npm install', 'npm test', 'npx tutti run orders', 'npx tutti dev'],
  });
  expect(JSON.parse(readFileSync(join(folder, 'other/package.json'), 'utf8'))).toMatchObject({
    name: 'other',
    private: true,
    dependencies: { tutti: 'file:../tutti-0.1.0.tgz' },
  });
});

function installed(): string {
  return join(project, 'node_modules/tutti');
}

/** Packs a copy of this folder, as `npm pack` does it here; gives the tarball. */
async function pack(source: string): Promise<string> {
  mkdirSync(join(source, 'node_modules'), { recursive: true });
  for (const name of SOURCES.filter(existsSync)) cpSync(name, join(source, name), { recursive: true });
  // Packages are shared; the commands are the copy's own, for its build links one.
  for (const name of readdirSync('node_modules').filter((each) => each !== '.bin'))
    await symlink(resolve('node_modules', name), join(source, 'node_modules', name));
  mkdirSync(join(source, 'dist/chunks'), { recursive: true });
  await writeFile(join(source, 'dist/chunks/earlier.js'), '');
  cpSync('node_modules/.bin', join(source, 'node_modules/.bin'), { recursive: true, verbatimSymlinks: true });
  await succeedsIn(source, 'npm', 'pack', '--pack-destination', folder);
  expect(existsSync(join(source, 'dist/package'))).toBe(false);
  return join(folder, 'tutti-0.1.0.tgz');
}

async function withFile<T>(name: string, text: string, work: () => Promise<T>): Promise<T> {
  await writeFile(join(project, name), text);
  try {
    return await work();
  } finally {
    await rm(join(project, name));
  }
}

function succeeds(command: string, ...args: readonly string[]): Promise<Finished> {
  return succeedsIn(project, command, ...args);
}

async function succeedsIn(cwd: string, command: string, ...args: readonly string[]): Promise<Finished> {
  const finished = await runIn(cwd, command, args);
  const { code, stdout, stderr } = finished;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  return finished;
}

function run(command: string, ...args: readonly string[]): Promise<Finished> {
  return runIn(project, command, args);
}

/** Runs a command as a person does there: without the packages and the settings of whoever runs this test. */
function runIn(cwd: string, command: string, args: readonly string[]): Promise<Finished> {
  const { PATH = '', ...inherited } = process.env;
  const others = Object.entries(inherited).filter(([name]) => !OURS.test(name));
  const path = PATH.split(delimiter).filter((part) => !part.endsWith(join('node_modules', '.bin')));
  const env = {
    ...Object.fromEntries(others),
    PATH: [dirname(process.execPath), ...path].join(delimiter),
    CI: '1',
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
  return new Promise((done) => {
    execFile(
      command,
      [...args],
      { cwd, env, timeout: SLOW_COMMAND, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      },
    );
  });
}
