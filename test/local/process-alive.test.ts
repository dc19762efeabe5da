import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAlive } from '../../lib/local/process-alive.ts';

test('this process is alive, one that ended is not', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect(isAlive(process.pid)).toBe(true);
  expect(isAlive(child.pid ?? 0)).toBe(false);
});

test.runIf(existsSync('/proc/self/stat'))(
  'a process that ended and was not asked for is not alive',
  async () => {
    // A shell whose child ends, and which becomes a program that asks for no child.
    const parent = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 30']);
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(text.toString());
    try {
      await expect.poll(() => isAlive(pid)).toBe(false);
      expect(() => process.kill(pid, 0)).not.toThrow();
    } finally {
      parent.kill('SIGKILL');
    }
  },
);
