import { describe, expect, test } from 'vitest';
import { dateOf } from '../store/build.ts';
import { type Asking, asking, seeded } from './seed.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

interface Refused {
  readonly what: string;
  readonly path: string;
  readonly asked?: Asking;
  readonly status: number;
  readonly code: string;
}

const REFUSED: readonly Refused[] = [
  { what: 'a path that is none', path: '/nothing', status: 404, code: 'not-found' },
  { what: 'a path above the API', path: '/../../etc/passwd', status: 404, code: 'not-found' },
  { what: 'an unknown DAG', path: '/dags/nope', status: 404, code: 'unknown-dag' },
  { what: 'a DAG that would be a path', path: '/dags/..%2f..%2fetc', status: 404, code: 'unknown-dag' },
  { what: 'a NUL in an id', path: '/dags/a%00b', status: 400, code: 'invalid-request' },
  { what: 'half an escape in an id', path: '/dags/%E0%A4%A', status: 404, code: 'unknown-dag' },
  {
    what: 'an id of a megabyte',
    path: `/dags/${'a'.repeat(1_000_000)}`,
    status: 400,
    code: 'invalid-request',
  },
  { what: 'an unknown run', path: '/dags/sales/runs/nope', status: 404, code: 'unknown-run' },
  { what: 'a run of an unknown DAG', path: '/dags/nope/runs/nope', status: 404, code: 'unknown-dag' },
  {
    what: 'an unknown task',
    path: `/dags/sales/runs/${dateOf(9)}/tasks/lod`,
    status: 404,
    code: 'unknown-task',
  },
  {
    what: 'a try that is no number',
    path: `/dags/sales/runs/${dateOf(9)}/tasks/load/tries/x/logs`,
    status: 400,
    code: 'invalid-request',
  },
  {
    what: 'an unknown version',
    path: '/meta/sales/abc/structure.json',
    status: 404,
    code: 'unknown-version',
  },
  { what: 'a limit of nothing', path: '/runs?limit=0', status: 400, code: 'invalid-request' },
  { what: 'a limit above the most', path: '/runs?limit=501', status: 400, code: 'invalid-request' },
  { what: 'a limit twice', path: '/runs?limit=1&limit=2', status: 400, code: 'invalid-request' },
  { what: 'an unknown field', path: '/runs?limmit=1', status: 400, code: 'invalid-request' },
  { what: 'a day that is none', path: '/runs?from=2026-02-30', status: 400, code: 'invalid-request' },
  { what: 'a cursor that nobody gave', path: '/runs?cursor=abc', status: 400, code: 'invalid-cursor' },
  {
    what: 'a cursor of another list',
    path: `/dags?cursor=${Buffer.from('{"of":"runs","at":"a"}').toString('base64url')}`,
    status: 400,
    code: 'invalid-cursor',
  },
  {
    what: 'a range that is reversed',
    path: '/dags/sales/calendar?from=2026-02-01&to=2026-01-01',
    status: 400,
    code: 'invalid-request',
  },
  {
    what: 'a range of ten thousand days',
    path: '/dags/sales/calendar?from=2000-01-01&to=2027-01-01',
    status: 400,
    code: 'invalid-request',
  },
  {
    what: 'another method',
    path: '/dags/sales',
    asked: { method: 'DELETE' },
    status: 405,
    code: 'method-not-allowed',
  },
  {
    what: 'a body that is no JSON',
    path: '/dags/sales:pause',
    asked: { body: '{"a":' },
    status: 400,
    code: 'malformed-request',
  },
  {
    what: 'a body of thirty thousand lists in one another',
    path: '/dags/sales/runs',
    asked: { body: `{"params":${'['.repeat(30_000)}${']'.repeat(30_000)}}` },
    status: 400,
    code: 'malformed-request',
  },
  {
    what: 'a body that is no object',
    path: '/dags/sales:pause',
    asked: { body: [1] },
    status: 400,
    code: 'invalid-request',
  },
  {
    what: 'a body of a form',
    path: '/dags/sales:pause',
    asked: { method: 'POST', body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    status: 415,
    code: 'content-type',
  },
  {
    what: 'a body of 300 KB',
    path: '/dags/sales/runs',
    asked: { body: { note: 'a'.repeat(300_000) } },
    status: 413,
    code: 'body-too-large',
  },
  {
    what: 'an unknown field of a body',
    path: '/dags/sales/runs',
    asked: { body: { parms: {} } },
    status: 400,
    code: 'invalid-request',
  },
  {
    what: 'a prototype as a field',
    path: '/dags/sales/runs',
    asked: { body: '{"__proto__":{"now":true}}' },
    status: 400,
    code: 'invalid-request',
  },
  {
    what: 'params that are no object',
    path: '/dags/sales/runs',
    asked: { body: { params: [] } },
    status: 400,
    code: 'invalid-request',
  },
  {
    what: 'an unknown param',
    path: '/dags/sales/runs',
    asked: { body: { params: { regon: 'eu' } } },
    status: 422,
    code: 'unknown-param',
  },
  {
    what: 'a param of another type',
    path: '/dags/sales/runs',
    asked: { body: { params: { rows: 'five' } } },
    status: 422,
    code: 'invalid-param',
  },
  {
    what: 'a date before the start',
    path: '/dags/sales/runs',
    asked: { body: { logicalDate: '2020-01-01' } },
    status: 422,
    code: 'invalid-logical-date',
  },
  {
    what: 'a run of a DAG that is gone',
    path: '/dags/old/runs',
    asked: { body: {} },
    status: 404,
    code: 'retired-dag',
  },
  {
    what: 'an actor with a line break',
    path: '/dags/sales:pause',
    asked: { body: {}, headers: { 'x-tutti-actor': 'a\tb' } },
    status: 400,
    code: 'invalid-request',
  },
  {
    what: 'a key with spaces',
    path: '/dags/sales:pause',
    asked: { body: {}, headers: { 'idempotency-key': 'a b' } },
    status: 400,
    code: 'invalid-request',
  },
];

describe('a request that cannot be', () => {
  test.each(REFUSED)('$what: $status $code', async ({ path, asked, status, code }) => {
    const { world } = await seeded();
    const before = await world.store.runs.changes();
    const response = await asking(world)(path, asked);
    const problem = await response.json();
    expect({ status: response.status, problem }).toMatchObject({ status, problem: { status, code } });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(Object.keys(problem as object)).toEqual(
      expect.arrayContaining(['type', 'title', 'status', 'detail', 'instance', 'code']),
    );
    expect((await world.store.runs.changes()).cursor).toBe(before.cursor);
    expect((await world.store.audit.list({})).items).toHaveLength(1);
  });

  test('names every field, its rule and its value', async () => {
    const { world } = await seeded();
    const body = { now: 'yes', note: 5, extra: 1, logicalDate: 'tomorrow' };
    const response = await asking(world)('/dags/sales/runs', { body });
    expect(await response.json()).toMatchObject({
      errors: expect.arrayContaining([
        { field: 'body.now', rule: 'must be of type boolean', value: '"yes"' },
        { field: 'body.note', rule: 'must be of type string', value: '5' },
        { field: 'body.extra', rule: 'must be a known field', value: '1' },
        expect.objectContaining({ field: 'body.logicalDate', value: '"tomorrow"' }),
      ]),
    });
  });

  test('names every param that is wrong', async () => {
    const { world } = await seeded();
    const body = { params: { rows: 0, region: 5, regon: 'eu' } };
    const response = await asking(world)('/dags/sales/runs', { body });
    expect(await response.json()).toMatchObject({
      status: 422,
      code: 'invalid-params',
      errors: [
        { field: 'body.params', rule: 'must be declared', value: '"regon"' },
        { field: 'body.params.rows', rule: 'must be at least 1', value: '0' },
        { field: 'body.params.region', rule: 'must be of type string', value: '5' },
      ],
    });
  });

  test('is told which methods there are', async () => {
    const { world } = await seeded();
    const response = await asking(world)('/dags/sales/runs', { method: 'PUT', body: {}, headers: JSON_TYPE });
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  test('is refused as a write where the server only reads', async () => {
    const { world } = await seeded();
    const response = await asking(world, { readOnly: true })('/dags/sales:pause', { body: {} });
    expect(await response.json()).toMatchObject({ status: 403, code: 'read-only' });
  });
});

test('a mistake of ours is told to the server, and only that it is one to the client', async () => {
  const { world } = await seeded();
  const told: unknown[] = [];
  const broken = {
    ...world,
    store: {
      ...world.store,
      audit: { ...world.store.audit, list: () => Promise.reject(new Error('secret')) },
    },
  };
  const response = await asking(broken, { onError: (error) => told.push(error) })('/audit');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
  expect(told).toEqual([new Error('secret')]);
});
