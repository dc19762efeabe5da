import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../../lib/local/sqlite/store.ts';
import { dateOf, ended, head, run, version } from '../../store/build.ts';
import { storeContract } from '../../store/contract.ts';
import { newFolder } from './folder.ts';

storeContract('SQLite', () => openSqliteStore(join(newFolder(), 'store.db')));

describe('two connections to one file', () => {
  test('see what the other wrote, and tell it as a change', async () => {
    const file = join(newFolder(), 'deep/er/store.db');
    const [one, two] = [openSqliteStore(file), openSqliteStore(file)];
    const { cursor } = await two.runs.changes();
    await one.runs.create(run(1));
    await one.dags.createHead(head('sales'));
    await one.dags.putVersion(version('sales', 'h1', 'first'));
    expect(await two.runs.create(run(1))).toBe(false);
    expect(await two.runs.changes(cursor)).toMatchObject({ runs: [run(1)], dags: ['sales'] });
    expect((await two.dags.version('sales', 'h1'))?.dag.doc).toBe('first');
    await one.dags.putVersion(version('sales', 'h1', 'second'));
    expect((await two.dags.version('sales', 'h1'))?.dag.doc).toBe('second');
    await one.close();
    await two.close();
  });

  test('keep everything when all are closed, cursors included', async () => {
    const file = join(newFolder(), 'store.db');
    const one = openSqliteStore(file);
    await one.runs.create(run(1));
    const { cursor } = await one.runs.changes();
    await one.runs.create(run(2));
    await one.close();
    const two = openSqliteStore(file);
    expect((await two.runs.list({})).items).toHaveLength(2);
    expect(await two.runs.changes(cursor)).toMatchObject({ runs: [run(2)] });
    await two.close();
  });

  test('ask those who come with a cursor of another file to read anew', async () => {
    const [one, two] = [0, 1].map(() => openSqliteStore(join(newFolder(), 'store.db')));
    await one?.runs.create(run(1));
    const changes = await one?.runs.changes();
    expect(await two?.runs.changes(changes?.cursor)).toMatchObject({ runs: [], resync: true });
    await one?.close();
    await two?.close();
  });

  test('remove no run that somebody cleared meanwhile', async () => {
    const file = join(newFolder(), 'store.db');
    const [one, two] = [openSqliteStore(file), openSqliteStore(file)];
    for (let day = 1; day <= 500; day++) await one.runs.create(ended(day));
    const pruning = one.runs.prune({ keep: 0 });
    // After its first of several transactions: the oldest is in the last.
    const cleared = await two.runs.update(
      { dagId: 'sales', runId: dateOf(1) },
      { states: ['success'] },
      { state: 'queued' },
    );
    expect(cleared?.state).toBe('queued');
    expect(await pruning).toHaveLength(499);
    expect((await two.runs.list({})).items).toEqual([cleared]);
    await one.close();
    await two.close();
  });
});
