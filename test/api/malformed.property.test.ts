import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ROUTES } from '../../lib/api/routes.ts';
import type { World } from '../../lib/orchestrator/ports.ts';
import { dateOf } from '../store/build.ts';
import { asking, seeded } from './seed.ts';

const READS = new Set([
  'version',
  'head',
  'heads',
  'recent',
  'get',
  'list',
  'open',
  'admitted',
  'changes',
  'recorded',
  'dates',
  'holder',
]);

/** The world, and the names of what was written to its store. */
function watched(world: World): { readonly world: World; readonly writes: string[] } {
  const writes: string[] = [];
  const parts = Object.entries(world.store).map(([name, part]) => {
    if (typeof part === 'function') return [name, part];
    const spied = new Proxy(part, {
      get(target, method: string) {
        if (!READS.has(method)) writes.push(`${name}.${method}`);
        return Reflect.get(target, method);
      },
    });
    return [name, spied];
  });
  return { world: { ...world, store: Object.fromEntries(parts) }, writes };
}

const JUNK = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.constantFrom(
    '..',
    '../..',
    '..\\..',
    '/etc/passwd',
    '\0',
    'a\0b',
    '%00',
    '%2e%2e%2f',
    ':',
    ':pause',
    '~',
    '{}',
    '*',
    "'; drop table runs; --",
    'constructor',
    '__proto__',
    'toString',
    '2026-01-05T00:00:00Z~',
    '💥'.repeat(100),
    'x'.repeat(5_000),
  ),
);

const VALUES = fc.oneof(fc.jsonValue(), JUNK, fc.constantFrom(-1, 1e308, 1e-9, null, [], {}));
const FIELDS = fc.oneof(
  JUNK,
  fc.constantFrom(
    'limit',
    'cursor',
    'before',
    'since',
    'from',
    'to',
    'state',
    'runs',
    'dryRun',
    'attempt',
    'q',
  ),
);

/** Each a body that its route takes. */
const BODIES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  triggerRun: { logicalDate: '2026-01-04', now: false, params: { rows: 3 }, note: 'a' },
  createBackfill: {
    dagId: 'sales',
    from: '2026-01-01',
    to: '2026-01-03',
    reprocess: 'none',
    order: 'oldest',
    maxActiveRuns: 1,
    tasks: ['load'],
    asOne: false,
    confirmed: false,
  },
  clearRun: { tasks: ['load'], onlyFailed: false, latest: false },
  clearRuns: { from: '2026-01-01', to: '2026-01-02', tasks: ['load'] },
  markRun: { tasks: ['load'], state: 'success' },
  markRuns: { from: '2026-01-01', to: '2026-01-02', tasks: ['load'], state: 'failed' },
};

const TYPES: Readonly<Record<string, string>> = {
  dagId: 'sales',
  runId: dateOf(9),
  task: 'load',
  try: '1',
  backfillId: '01JBACKFILL',
};

function pathOf(template: string, ids: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? 'x'));
}

const route = fc.constantFrom(...ROUTES);
const write = fc.constantFrom(...ROUTES.filter(({ method }) => method === 'POST'));

describe('whatever is asked', async () => {
  const { world, writes } = watched((await seeded()).world);
  const errors: unknown[] = [];
  const ask = asking(world, { onError: (error) => errors.push(error) });

  const expectRefused = async (path: string, asked?: Parameters<typeof ask>[1]) => {
    writes.length = 0;
    const response = await ask(path, asked);
    await response.body?.cancel();
    expect({ path: path.slice(0, 200), status: response.status, errors, writes }).toEqual({
      path: path.slice(0, 200),
      status: response.status,
      errors: [],
      writes: [],
    });
    return response.status;
  };

  test('no read writes or breaks', async () => {
    await fc.assert(
      fc.asyncProperty(
        route,
        fc.dictionary(fc.constantFrom('dagId', 'runId', 'task', 'version', 'try', 'backfillId'), JUNK),
        fc.array(fc.tuple(FIELDS, JUNK), { maxLength: 3 }),
        async ({ path }, junk, query) => {
          const search = new URLSearchParams(
            query.map(([name, value]): [string, string] => [name.toWellFormed(), value.toWellFormed()]),
          );
          const wellFormed = Object.fromEntries(
            Object.entries(junk).map(([name, value]) => [name, value.toWellFormed()]),
          );
          const status = await expectRefused(`${pathOf(path, { ...TYPES, ...wellFormed })}?${search}`, {
            headers: { accept: 'application/json' },
          });
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('a write with a field that is wrong, or one too many, is refused', async () => {
    await fc.assert(
      fc.asyncProperty(write, JUNK, VALUES, async ({ id, path }, name, value) => {
        const body = JSON.stringify({ ...BODIES[id], [`x${name}`]: value });
        const status = await expectRefused(pathOf(path, TYPES), {
          body,
          headers: { 'idempotency-key': 'k' },
        });
        expect(status).toBe(400);
      }),
      { numRuns: 150 },
    );
  });

  test('a write with a body of another type is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        write,
        fc.oneof(
          fc.array(fc.jsonValue()),
          fc.string({ minLength: 1 }),
          fc.constant(null),
          fc.double(),
          fc.boolean(),
        ),
        async ({ path }, body) => {
          expect(await expectRefused(pathOf(path, TYPES), { body: JSON.stringify(body) })).toBe(400);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a write with a field of another type is refused', async () => {
    const fields = Object.entries(BODIES).flatMap(([id, body]) =>
      Object.keys(body).map((name) => ({ id, name, body })),
    );
    const known = fields.filter(({ id }) => ROUTES.some((each) => each.id === id));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...known),
        fc.constantFrom(null, 1.5, [[]], { a: 1 }, ''),
        async ({ id, name, body }, value) => {
          fc.pre(
            !(name === 'params' && !Array.isArray(value) && typeof value === 'object' && value !== null),
          );
          fc.pre(!(name === 'note' && value === ''));
          const path = ROUTES.find((each) => each.id === id)?.path ?? '';
          const status = await expectRefused(pathOf(path, TYPES), { body: { ...body, [name]: value } });
          expect(status).toBe(400);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a write to what is not there is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ROUTES.filter(({ method, path }) => method === 'POST' && path.includes('{'))),
        JUNK,
        async ({ id, path }, junk) => {
          const body = BODIES[id] ?? {};
          const name = junk.toWellFormed();
          fc.pre(name !== 'sales');
          const ids = { dagId: name, runId: name, backfillId: name };
          const status = await expectRefused(pathOf(path, ids), { body });
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('an id is found as it was written, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), async (text) => {
        // A URL's own `.` and `..` are no ids: a browser takes them for steps.
        fc.pre(!/^\.{1,2}$/.test(text) && text.isWellFormed());
        const response = await ask(`/dags/sales/runs/${encodeURIComponent(text)}`);
        const { detail } = (await response.json()) as { detail: string };
        if (response.status !== 400) expect(detail).toContain(`got "${text}"`);
      }),
      { numRuns: 200 },
    );
  });
});
