import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
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
    // A shell with a child that ends with its input, and which becomes a program that asks for no child.
    const parent = spawn('sh', ['-c', 'exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 30 3<&-']);
    try {
      const [text] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(text.toString());
      await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim()).toBe('sleep');
      expect(isAlive(pid)).toBe(true);
      parent.stdin.end();
      await expect.poll(() => isAlive(pid)).toBe(false);
      expect(() => process.kill(pid, 0)).not.toThrow();
    } finally {
      parent.kill('SIGKILL');
    }
  },
);
