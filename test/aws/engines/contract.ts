/** What holds for every engine that a function calls, whatever its service speaks. */
import { describe, expect, test } from 'vitest';
import type { DynamoDBLocal } from '../dynamodb-local.ts';
import type { JobService } from './job-service.ts';
import { Rig, type RigOptions } from './rig.ts';

export interface Subject {
  readonly options: RigOptions;
  readonly service: JobService;
  readonly stop: () => Promise<void>;
}

export interface Contract {
  readonly subject: () => Promise<Subject>;
  /** The job has ended when its submission is answered. @default false */
  readonly isImmediate?: boolean;
  /** Error of a job that failed. @default 'Engine.JobFailed' */
  readonly failure?: string;
  /** Error of a submission whose answer was lost, where the client sends no second one itself. */
  readonly lost?: string;
  readonly throttled?: string;
}

const ONCE_MORE = [{ attempts: 1 }];

export function describeEngine(local: DynamoDBLocal, name: string, contract: Contract): void {
  const { isImmediate = false, failure = 'Engine.JobFailed' } = contract;
  let table: Promise<string> | undefined;
  let runs = 0;

  /** Each with a service and a run of its own. */
  async function withRig(body: (rig: Rig, service: JobService) => Promise<void>): Promise<void> {
    table ??= local.newTable();
    const subject = await contract.subject();
    runs += 1;
    try {
      await body(new Rig({ local, name: await table }, `run-${runs}`, subject.options), subject.service);
    } finally {
      await subject.stop();
    }
  }

  describe(`${name}: a try`, () => {
    test('gives its output, and is done in the ledger for 400 days', () =>
      withRig(async (rig, service) => {
        const output = await rig.call();
        expect(output).not.toBeNull();
        expect(service.states).toEqual(['done']);
        const ttl = Math.floor(rig.nowMs / 1000) + 400 * 86_400;
        const job = await rig.job();
        expect({ ...job, ttl: Math.abs(Number(job.ttl) - ttl) <= 60 }).toEqual({
          try: '1',
          state: 'done',
          ttl: true,
        });
      }));

    test('gives the same output again where the answer was lost, and starts nothing', () =>
      withRig(async (rig, service) => {
        const output = await rig.call();
        const { submits } = service;
        // What the service knows of the job must not be asked again.
        service.jobs.length = 0;
        expect(await rig.call({ asked: 2 })).toEqual(output);
        expect(service.submits).toBe(submits);
      }));

    test('is one job where the reply to its submission was lost', () =>
      withRig(async (rig, service) => {
        service.faults.lostReplies = contract.lost === undefined ? 1 : 2;
        const first = await rig.outcome({ retries: ONCE_MORE });
        if (contract.lost !== undefined) expect(first).toBe(contract.lost);
        if (contract.lost !== undefined) await rig.outcome({ asked: 2, retries: ONCE_MORE });
        expect(await rig.call({ asked: 3, retries: ONCE_MORE })).not.toBeNull();
        expect(service.states).toEqual(['done']);
        expect((await rig.job()).try).toBe('1');
      }));

    test.each(isImmediate ? [1, 2] : [1, 2, 3])(
      'goes on after a process that died before its write %i',
      (write) =>
        withRig(async (rig, service) => {
          expect(await rig.outcome({ diesAtWrite: write })).toBe('Error');
          expect(await rig.call({ asked: 2 })).not.toBeNull();
          expect(service.states).toEqual(['done']);
          expect(new Set(service.jobs.map(({ token }) => token)).size).toBe(1);
          expect((await rig.job()).try).toBe('1');
        }),
    );

    test('is submitted again where the service was too busy, as the same try', () =>
      withRig(async (rig, service) => {
        service.faults.throttledSubmits = 20;
        expect(await rig.outcome()).toBe(contract.throttled ?? 'Engine.Busy');
        service.faults.throttledSubmits = 0;
        await rig.call({ asked: 2, retries: ONCE_MORE });
        expect(service.states).toEqual(['done']);
        expect((await rig.job()).try).toBe(contract.throttled === undefined ? '1' : '2');
      }));
  });

  describe(`${name}: a try that fails`, () => {
    test('is told by its name, and is another job the next time', () =>
      withRig(async (rig, service) => {
        service.fates.push('failed');
        expect(await rig.outcome({ retries: ONCE_MORE })).toBe(failure);
        expect((await rig.job()).state).toBe('failed');
        await rig.call({ asked: 2, retries: ONCE_MORE });
        expect(service.states).toEqual(['failed', 'done']);
        expect(new Set(service.jobs.map(({ token }) => token)).size).toBe(2);
        expect(await rig.job()).toMatchObject({ try: '2', state: 'done' });
      }));

    test('fails again the same way where only its answer was lost', () =>
      withRig(async (rig, service) => {
        service.fates.push('failed');
        const first = await rig.call().catch((error: Error) => error);
        const again = await rig.call({ asked: 2 }).catch((error: Error) => error);
        expect(again).toMatchObject({ name: failure, message: (first as Error).message });
        expect(service.states).toEqual(['failed']);
      }));

    test('is tried again where its state is entered anew', () =>
      withRig(async (rig, service) => {
        service.fates.push('failed');
        expect(await rig.outcome()).toBe(failure);
        await rig.call({ asked: 1 });
        expect(service.states).toEqual(['failed', 'done']);
      }));
  });

  test(`${name}: a run that was cleared never meets the job of the execution before`, () =>
    withRig(async (rig, service) => {
      await rig.call();
      await rig.call({ attempt: '2' });
      await rig.call({ attempt: '2', instance: '0.1' });
      expect(new Set(service.jobs.map(({ token }) => token)).size).toBe(3);
      const keys = (await rig.items()).map(({ sk }) => sk?.S);
      expect(keys).toEqual(['X#1#load', 'X#2#load', 'X#2#load#0#1']);
    }));

  describe(`${name}: an execution that is cancelled`, () => {
    test('submits nothing any more', () =>
      withRig(async (rig, service) => {
        await rig.cancel();
        expect(await rig.outcome()).toBe('Engine.Refused');
        expect(service.jobs).toEqual([]);
        // The next one does.
        await rig.call({ attempt: '2' });
        expect(service.states).toEqual(['done']);
      }));

    if (isImmediate) return;

    test('ends its job, however often it is told so', () =>
      withRig(async (rig, service) => {
        service.isHeld = true;
        expect(await rig.outcome()).toBe('Engine.NotReady');
        expect(await rig.cancel()).toEqual({ cancelled: ['task "load"'], submitting: [] });
        expect(service.states).toEqual(['cancelled']);
        expect(await rig.cancel()).toEqual({ cancelled: [], submitting: [] });
        expect(await rig.outcome({ asked: 2 })).toBe('Engine.Refused');
        expect((await rig.job()).state).toBe('cancelled');
      }));

    test('ends a job that is submitted in that very moment', () =>
      withRig(async (rig, service) => {
        service.isHeld = true;
        service.faults.duringSubmit = async () => {
          await rig.cancel();
        };
        expect(await rig.outcome()).toBe('Engine.Refused');
        expect(service.states).toEqual(['cancelled']);
        expect((await rig.job()).state).toBe('cancelled');
      }));

    test('takes a job that had ended for a success', () =>
      withRig(async (rig, service) => {
        service.isHeld = true;
        await rig.outcome();
        service.isHeld = false;
        service.look(service.jobs[0]?.id ?? '');
        expect(await rig.cancel()).toMatchObject({ cancelled: ['task "load"'] });
        expect(service.states).toEqual(['done']);
      }));
  });

  if (!isImmediate) describePolls(name, withRig);
}

type WithRig = (body: (rig: Rig, service: JobService) => Promise<void>) => Promise<void>;

function describePolls(name: string, withRig: WithRig): void {
  describe(`${name}: a job that takes long`, () => {
    test('is waited for 20 seconds in a call, then by the machine', () =>
      withRig(async (rig, service) => {
        service.isHeld = true;
        const started = rig.nowMs;
        expect(await rig.outcome()).toBe('Engine.NotReady');
        expect(rig.nowMs - started).toBeGreaterThan(14_000);
        expect(rig.nowMs - started).toBeLessThanOrEqual(20_000);
        expect(await rig.outcome({ asked: 2 })).toBe('Engine.NotReady');
        service.isHeld = false;
        await rig.call({ asked: 3 });
        expect(service.submits).toBe(1);
      }));

    test('is looked at again where the service was too busy', () =>
      withRig(async (rig, service) => {
        service.faults.throttledPolls = 20;
        expect(await rig.outcome()).toBe('Engine.NotReady');
        service.faults.throttledPolls = 0;
        await rig.call({ asked: 2 });
        expect(service.states).toEqual(['done']);
      }));

    test('is ended past its time, before the next try', () =>
      withRig(async (rig, service) => {
        service.isHeld = true;
        expect(await rig.outcome({ retries: ONCE_MORE })).toBe('Engine.NotReady');
        rig.nowMs += 600_000;
        expect(await rig.outcome({ asked: 2, retries: ONCE_MORE })).toBe('Engine.JobTimeout');
        expect(service.states).toEqual(['cancelled']);
        service.isHeld = false;
        await rig.call({ asked: 3, retries: ONCE_MORE });
        expect(service.states).toEqual(['cancelled', 'done']);
      }));

    test('counts where it ended in time, however late somebody looks', () =>
      withRig(async (rig, service) => {
        service.isHeld = true;
        await rig.outcome();
        rig.nowMs += 600_000;
        service.isHeld = false;
        expect(await rig.call({ asked: 2 })).not.toBeNull();
        expect(service.states).toEqual(['done']);
      }));
  });
}
