/** Lends places of pools to tasks, and takes them back. */
import { coreFunction } from '../lib/aws/core-function.ts';
import { poolEventOf } from '../lib/aws/events.ts';
import { acquire, release } from '../lib/aws/pool.ts';
import { poolPlace } from '../lib/aws/pools-of-runs.ts';
import { surroundings } from './surroundings.ts';

export const handler = coreFunction(surroundings(import.meta.dirname), async (event, { world }) => {
  const asked = poolEventOf(event);
  const place = poolPlace(world);
  if ('release' in asked) {
    await release(place, asked.release.pool, asked.release.holder);
    return {};
  }
  const { leaseSec, limit: most, ...request } = asked.acquire;
  await acquire(place, { ...request, most, leaseMs: leaseSec * 1000 });
  return {};
});
