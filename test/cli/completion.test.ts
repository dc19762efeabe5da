import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { project, tutti } from './tutti.ts';

test('the script of bash completes commands, flags and DAGs', async () => {
  const { code, stdout } = await tutti(project({}), 'completion', 'bash');
  expect(code).toBe(0);
  const script = `${stdout}
tutti() { echo sales; }
answer() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tutti; echo "\${COMPREPLY[*]}"; }
answer tutti ch
answer tutti show --m
answer tutti run sa
answer tutti --json run --iso
answer tutti runs wa
answer tutti backfill create --repr
answer tutti clear sa`;
  const { stdout: answers, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(answers.split('\n').slice(0, 7)).toEqual([
    'check',
    '--mermaid',
    'sales',
    '--isolate',
    'watch',
    '--reprocess',
    'sales',
  ]);
});

test.each(['zsh', 'fish'])('the script of %s names every command', async (shell) => {
  const { code, stdout } = await tutti(project({}), 'completion', shell);
  expect(code).toBe(0);
  for (const command of ['check', 'list', 'show', 'compile', 'run', 'logs'])
    expect(stdout).toContain(command);
});
