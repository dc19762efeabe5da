import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';

test('time stands still while work outside of it goes on', async () => {
  const clock = new VirtualClock(0);
  const log: string[] = [];
  await clock.drive(
    Promise.all([
      clock.until(1000).then(() => log.push(`woke at ${clock.now()}`)),
      (async () => {
        for (let index = 0; index < 20; index++) await clock.hold(readFile('package.json'));
        log.push(`read at ${clock.now()}`);
        await clock.hold(Promise.reject(new Error('gone'))).catch(() => log.push(`failed at ${clock.now()}`));
      })(),
    ]),
  );
  expect(log).toEqual(['read at 0', 'failed at 0', 'woke at 1000']);
});
