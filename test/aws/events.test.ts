import { describe, expect, test } from 'vitest';
import {
  backfillEventOf,
  cancelEventOf,
  endedEventOf,
  poolEventOf,
  registerPropertiesOf,
  tickEventOf,
} from '../../lib/aws/events.ts';
import { RefusedError } from '../../lib/base/errors.ts';

const BACKFILL = {
  dag: 'daily_sales',
  from: '2026-01-01',
  to: '2026-03-31',
  reprocess: 'failed',
  maxActiveRuns: 4,
  dryRun: true,
};

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'invalid-event') return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('an event that is as it should be', () => {
  test('is taken as it is', () => {
    expect(backfillEventOf(BACKFILL)).toEqual(BACKFILL);
    expect(backfillEventOf({ continue: { dag: 'a', id: '01' } })).toEqual({
      continue: { dag: 'a', id: '01' },
    });
    expect(tickEventOf({ dag: 'a', at: '2026-01-05T00:00:00Z' })).toEqual({
      dag: 'a',
      at: '2026-01-05T00:00:00Z',
    });
    const trigger = { dagId: 'b', triggeredBy: 'a', id: 'f'.repeat(32), params: { n: [1] } };
    expect(tickEventOf({ trigger })).toEqual({ trigger });
    expect(poolEventOf({ release: { pool: 'db', holder: 'a/b/1/c' } })).toEqual({
      release: { pool: 'db', holder: 'a/b/1/c' },
    });
  });

  test('of a service may have more in it', () => {
    const detail = {
      executionArn: 'arn:aws:states:x',
      stateMachineArn: 'arn:aws:states:y',
      name: 'n',
      status: 'FAILED',
      output: null,
      inputDetails: { included: true },
    };
    expect(endedEventOf({ version: '0', source: 'aws.states', detail }).detail).toMatchObject({ name: 'n' });
  });
});

describe('an event that is not is refused with place, rule, value and remedy', () => {
  test.each<[string, unknown, RegExp]>([
    ['no object', 'x', /^backfill › event: must be of type object, got "x"; send \{"dag":"sales"/],
    [
      'a field that is not known',
      { ...BACKFILL, maxActiveRun: 4 },
      /event\.maxActiveRun: must be a known field, such as maxActiveRuns, got 4/,
    ],
    ['no DAG', { ...BACKFILL, dag: undefined }, /event\.dag: must be given, got nothing/],
    [
      'a day that is none',
      { ...BACKFILL, from: '2026-02-30' },
      /event\.from: must be a day or an instant .*, got "2026-02-30"/,
    ],
    [
      'a choice that is none',
      { ...BACKFILL, reprocess: 'all' },
      /event\.reprocess: must be one of none, failed, completed, got "all"/,
    ],
    [
      'too many runs',
      { ...BACKFILL, maxActiveRuns: 5_000 },
      /event\.maxActiveRuns: must be at most 1000, got 5000/,
    ],
    [
      'a type that is wrong',
      { ...BACKFILL, dryRun: 'yes' },
      /event\.dryRun: must be of type boolean, got "yes"/,
    ],
  ])('backfill: %s', (_name, event, message) => {
    expect(refusal(() => backfillEventOf(event))).toMatch(message);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['tick', () => tickEventOf({ dags: 'a' }), /^tick › event\.dag: must be given, got nothing\n/],
    [
      'tick',
      () => tickEventOf({ trigger: { dagId: 'a', triggeredBy: 'b', id: 'x' } }),
      /event\.trigger\.id: must be 32 hexadecimal digits, got "x"/,
    ],
    [
      'record',
      () => endedEventOf({ detail: { status: 'RUNNING' } }),
      /event\.detail\.status: must be one of SUCCEEDED/,
    ],
    [
      'cancel',
      () => cancelEventOf({ dagId: 'a', runId: 'b', attempt: 0, cause: '' }),
      /event\.attempt: must be at least 1, got 0/,
    ],
    [
      'pool',
      () => poolEventOf({ acquire: { pool: 'db' } }),
      /event\.acquire\.holder: must be given, got nothing/,
    ],
    ['pool', () => poolEventOf({}), /event\.release: must be given, got nothing/],
    ['register', () => registerPropertiesOf({ Stack: '0' }), /event\.Dags: must be given, got nothing/],
  ])('%s', (_name, work, message) => {
    expect(refusal(work)).toMatch(message);
  });
});
