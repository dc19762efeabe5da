import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { project, tutti } from './tutti.ts';

test('--help names every command and every exit code', async () => {
  const { code, stdout } = await tutti(project({}), '--help');
  expect(code).toBe(0);
  for (const word of [
    'check',
    'list',
    'show',
    'compile',
    'run',
    'logs',
    'init',
    'sfn',
    'dev',
    'trigger',
    'runs',
    'task',
    'clear',
    'mark',
    'backfill',
    'pause',
    'unpause',
    'next',
    'why',
    'audit',
    'prune',
    'completion',
    '130 interrupted',
  ]) {
    expect(stdout).toContain(word);
  }
});

test('--version is the version of the package', async () => {
  const { code, stdout } = await tutti(project({}), '--version');
  expect({ code, version: stdout.trim() }).toEqual({
    code: 0,
    version: JSON.parse(readFileSync('package.json', 'utf8')).version,
  });
});

test.each([
  ['no command', [], 'Usage: tutti'],
  ['an unknown command', ['chekc'], 'Did you mean check?'],
  ['an unknown flag', ['check', '--jsno'], 'Did you mean --json?'],
  ['an environment of a command without', ['logs', 'latest', '--env', 'prod'], 'runs show, runs logs'],
  ['a missing argument', ['run'], "missing required argument 'dag'"],
  ['a missing argument of a command in another', ['backfill', 'show'], 'try: tutti backfill show --help'],
  ['an argument too many', ['list', 'sales'], 'too many arguments'],
  ['a param without a value', ['run', 'sales', '--param', 'region'], 'must be name=value, got "region"'],
  ['two forms at once', ['show', 'sales', '--asl', '--svg'], 'cannot be used with'],
  ['an unknown shell', ['completion', 'bosh'], 'did you mean "bash"?'],
])('%s is a usage error', async (_, args, text) => {
  const { code, stdout, stderr } = await tutti(project({}), ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(text);
});

test('a usage error is a document with --json', async () => {
  const { code, stdout } = await tutti(project({}), 'run', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    error: { code: 'usage', message: "missing required argument 'dag'" },
  });
});

test('a folder that is none is not found', async () => {
  const { code, stderr } = await tutti(project({}), 'list', '-C', 'nowhere');
  expect(code).toBe(3);
  expect(stderr).toContain('tutti › --root: must be a folder, got "nowhere"');
});
