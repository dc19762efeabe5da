import { expect, test } from 'vitest';
import { systemClock } from '../../lib/local/clock.ts';

test('an instant that has come is not waited for', async () => {
  await systemClock.until(systemClock.now() - 1);
  await systemClock.until(systemClock.now() + 1);
});

test('a wait ends with its signal, however far its instant is', async () => {
  const stop = new AbortController();
  const waiting = systemClock.until(systemClock.now() + 1e13, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  await expect(systemClock.until(0, stop.signal)).rejects.toThrow('stopped');
});
