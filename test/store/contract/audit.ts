import { expect, test } from 'vitest';
import type { Store } from '../../../lib/store/store.ts';
import { entry } from '../build.ts';
import { allPages } from './pages.ts';

export function auditContract(current: () => Store): void {
  test('lists entries newest first, those that are asked for', async () => {
    const { audit } = current();
    const all = [
      entry('01A', { dagId: 'sales', runId: 'r1', at: '2026-01-01T00:00:00Z' }),
      entry('01B', { dagId: 'sales', actor: 'bob', at: '2026-01-02T00:00:00Z' }),
      entry('01C', {
        dagId: 'stock',
        action: 'clear',
        details: { tasks: ['a'] },
        at: '2026-01-03T00:00:00Z',
      }),
    ];
    for (const one of all.toReversed()) await audit.append(one);
    const ids = async (query: Parameters<typeof audit.list>[0]) =>
      (await audit.list(query)).items.map(({ id }) => id);
    expect((await audit.list({})).items).toEqual(all.toReversed());
    expect(await ids({ dagId: 'sales' })).toEqual(['01B', '01A']);
    expect(await ids({ dagId: 'sales', runId: 'r1' })).toEqual(['01A']);
    expect(await ids({ actor: 'bob' })).toEqual(['01B']);
    expect(await ids({ action: 'clear' })).toEqual(['01C']);
    expect(await ids({ from: '2026-01-02T00:00:00Z', to: '2026-01-02T00:00:00Z' })).toEqual(['01B']);
  });

  test('keeps the first of two entries of one id', async () => {
    const { audit } = current();
    await audit.append(entry('01A', { actor: 'ann' }));
    await audit.append(entry('01A', { actor: 'bob' }));
    expect((await audit.list({})).items.map(({ actor }) => actor)).toEqual(['ann']);
  });

  test('pages through entries while others are appended', async () => {
    const { audit } = current();
    for (let index = 10; index < 20; index++) await audit.append(entry(`01${index}`));
    let appended = 20;
    const read = await allPages(async (cursor) => {
      await audit.append(entry(`01${appended++}`));
      return audit.list({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
    });
    expect(read.map(({ id }) => id)).toEqual(Array.from({ length: 11 }, (_, index) => `01${20 - index}`));
  });
}
