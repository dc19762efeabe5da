import { describe, expect, test } from 'vitest';
import { RefusedError } from '../../lib/base/errors.ts';
import type { Json } from '../../lib/base/json.ts';
import { mismatch } from '../../lib/orchestrator/param-schema.ts';
import { checkedParams, paramFromText } from '../../lib/orchestrator/params.ts';
import { testDag } from '../local/dag.ts';

const dag = testDag(
  {},
  {
    id: 'sales',
    params: {
      region: { type: 'string', default: 'eu', enum: ['eu', 'us'] },
      limit: { type: 'integer', minimum: 1, maximum: 10 },
      days: { type: 'array', items: { type: 'string', format: 'date' }, default: [] },
    },
  },
);

function refusal(given: Record<string, Json>): { readonly code: string; readonly message: string } {
  try {
    checkedParams(dag, given);
  } catch (error) {
    if (error instanceof RefusedError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('params', () => {
  test('are given ones over defaults', () => {
    expect(checkedParams(dag, { limit: 5 })).toEqual({ region: 'eu', limit: 5, days: [] });
  });

  test.each<[Record<string, Json>, string, string]>([
    [
      { limit: 1, regoin: 'us' },
      'unknown-param',
      'dag "sales" › params: must be declared, got "regoin"; did you mean "region"?',
    ],
    [
      {},
      'missing-param',
      'dag "sales" › params.limit: must be given, got nothing; give an integer, or declare a default',
    ],
    [{ limit: 'many' }, 'invalid-param', 'dag "sales" › params.limit: must be of type integer, got "many"'],
    [{ limit: 1.5 }, 'invalid-param', 'dag "sales" › params.limit: must be of type integer, got 1.5'],
    [{ limit: 11 }, 'invalid-param', 'dag "sales" › params.limit: must be at most 10, got 11'],
    [
      { limit: 1, region: 'ue' },
      'invalid-param',
      'dag "sales" › params.region: must be one of "eu", "us", got "ue"',
    ],
    [
      { limit: 1, days: ['2026-02-30'] },
      'invalid-param',
      'dag "sales" › params.days[0]: must be a date, got "2026-02-30"; write 2026-08-22',
    ],
  ])('%j is refused', (given, code, message) => {
    expect(refusal(given)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('are refused all at once', () => {
    const { code, message } = refusal({ x: 1, region: 5 });
    expect(code).toBe('invalid-params');
    expect(message.split('\n')).toHaveLength(3);
  });

  test('written as text get the declared type', () => {
    expect(paramFromText(dag, 'region', '5')).toBe('5');
    expect(paramFromText(dag, 'limit', '5')).toBe(5);
    expect(paramFromText(dag, 'limit', 'many')).toBe('many');
    expect(paramFromText(dag, 'days', '["2026-01-01"]')).toEqual(['2026-01-01']);
    expect(paramFromText(dag, 'unknown', 'x')).toBe('x');
  });
});

test.each<[Json, string, boolean]>([
  ['2026-08-22T02:00:00Z', 'date-time', true],
  ['2026-08-22', 'date-time', false],
  ['2026-13-01T00:00:00Z', 'date-time', false],
  ['a@b.c', 'email', true],
  ['https://x.y/z', 'uri', true],
  ['x y', 'uri', false],
])('%j as %s is right: %s', (value, format, right) => {
  expect(mismatch({ type: 'string', format }, value) === undefined).toBe(right);
});
