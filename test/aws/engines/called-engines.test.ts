/** `http.request` on AWS, beyond what holds for every engine. */
import { expect, test } from 'vitest';
import { onDynamoDB } from '../dynamodb-local.ts';
import { ATHENA_QUERY, ATHENA_SQL } from './athena-engine.ts';
import { describeEngine } from './contract.ts';
import { HTTP, httpSubject, SECRET } from './http-engine.ts';
import { PLAIN } from './plain-engine.ts';
import { Rig } from './rig.ts';

await onDynamoDB('engines that a function calls', (local) => {
  describeEngine(local, 'a plain engine', PLAIN);
  describeEngine(local, 'http.request', HTTP);
  describeEngine(local, 'athena.query', ATHENA_QUERY);
  describeEngine(local, 'sql.execute on Athena', ATHENA_SQL);

  test('whoever cancels is told of a job that goes on, and ends it the next time', async () => {
    const { options, service, stop } = await PLAIN.subject();
    const rig = new Rig({ local, name: await local.newTable() }, 'cancelled', options);
    try {
      service.isHeld = true;
      await rig.outcome();
      await rig.outcome({ instance: '1' });
      service.faults.throttledCancels = 1;
      await expect(rig.cancel()).rejects.toMatchObject({
        name: 'Engine.Busy',
        message: expect.stringMatching(/^jobs could not be cancelled: task "load".*throttled$/),
      });
      expect(service.states.toSorted()).toEqual(['cancelled', 'running']);
      expect((await rig.cancel())['cancelled']).toHaveLength(1);
      expect(service.states).toEqual(['cancelled', 'cancelled']);
    } finally {
      await stop();
    }
  });

  test('a secret is in no error, no log and no ledger, where the service tells it back', async () => {
    const { options, stop } = await httpSubject();
    const rig = new Rig({ local, name: await local.newTable() }, 'secrets', options);
    try {
      const error = await rig
        .call({ args: { method: 'POST', path: '/echo' } })
        .catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ name: 'Http.401' });
      const told = JSON.stringify([(error as Error).message, rig.lines, await rig.items()]);
      expect(told).toContain('Bearer ***');
      expect(told).not.toContain(SECRET);
    } finally {
      await stop();
    }
  });

  test('gives status, headers and body; a look keeps no ledger', async () => {
    const { options, service, stop } = await httpSubject();
    const rig = new Rig({ local, name: await local.newTable() }, 'looks', options);
    try {
      const poke = { timeout: 60, softFail: false };
      const output = await rig.call({ poke, args: { method: 'GET', path: '/orders' } });
      expect(output).toMatchObject({
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: { id: 'job-1' },
      });
      // Reading is no change: it needs no key.
      expect(service.jobs[0]?.token).toBe('undefined');
      expect(await rig.items()).toEqual([]);
    } finally {
      await stop();
    }
  });
});
