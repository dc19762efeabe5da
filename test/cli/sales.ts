/** Pipelines for the tests of the command line, as a user writes them. */
export const SALES = `
import { dag, fn, cron, param } from 'tutti';

export const sales = dag(
  'sales',
  {
    description: 'Orders, cleaned and loaded.',
    owner: 'sales-data',
    tags: ['tier-1'],
    schedule: cron('0 2 * * *', { timezone: 'Europe/Berlin' }),
    start: '2026-01-01',
    params: { region: param.string({ default: 'eu', enum: ['eu', 'us'] }), limit: param.integer({ default: 10 }) },
  },
  ({ task, run, params }) => {
    const fetch = task('fetch', fn({ day: run.interval.date, region: params.region }, async ({ day, region }, { log }) => {
      console.log('printed by the task');
      log.info('fetched', { day, region });
      return { rows: 3 };
    }));
    task('load', fn({ rows: fetch.output.rows }, async ({ rows }) => ({ loaded: rows })), {
      retries: { attempts: 2, delay: '1m', backoff: 2 },
    });
  },
);
`;

export const BROKEN = `
import { dag, fn } from 'tutti';

export const broken = dag('broken', {}, ({ task }) => {
  const boom = task('boom', fn(async () => {
    throw new Error('no such table');
  }));
  task('after', fn(async () => 1), { after: boom });
});
`;

export const SLOW = `
import { setTimeout } from 'node:timers/promises';
import { dag, fn } from 'tutti';

const nap = fn(async ({ signal }) => {
  await setTimeout(600_000, undefined, { signal });
});

export const slow = dag('slow', {}, ({ task }) => {
  const wait = task('wait', nap);
  task('then', fn(async () => 1), { after: wait });
});

export const late = dag('late', { runTimeout: '1s' }, ({ task }) => {
  task('wait', nap);
});
`;
