import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { databaseOf } from '../../../lib/local/sqlite/database.ts';
import { openSqliteStore } from '../../../lib/local/sqlite/store.ts';
import type { Store } from '../../../lib/store/store.ts';
import { dateOf, row, run } from '../../store/build.ts';
import { newFolder } from './folder.ts';

describe('a file that is no store of ours', () => {
  test.each([
    ['a text', Buffer.from('select * from orders;\n'.repeat(20))],
    ['a few bytes', Buffer.from('SQLite')],
    ['the beginning of a header', Buffer.from('SQLite format 3\0')],
  ])('is refused and kept: %s', (_, content) => {
    const file = join(newFolder(), 'store.db');
    writeFileSync(file, content);
    expect(() => openSqliteStore(file)).toThrow(
      expect.objectContaining({
        code: 'store-corrupt',
        message: `store › ${file}: must be a store, got a file of another kind; move it away, or name another`,
      }),
    );
    expect(() => openSqliteStore(file, { readOnly: true })).toThrow(/must be a store/);
    expect(readFileSync(file)).toEqual(content);
  });

  test('is refused and kept: a database of something else', () => {
    const file = join(newFolder(), 'store.db');
    onDatabase(file, 'create table orders (id integer)');
    const before = readFileSync(file);
    expect(() => openSqliteStore(file)).toThrow(
      expect.objectContaining({
        code: 'store-corrupt',
        message: expect.stringContaining('of something else'),
      }),
    );
    expect(readFileSync(file)).toEqual(before);
  });

  test('is refused: a folder, one in a file, a link to itself', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'store.db'));
    expect(() => openSqliteStore(join(folder, 'store.db'))).toThrow(
      expect.objectContaining({ code: 'store-corrupt', message: expect.stringContaining('got a folder') }),
    );
    symlinkSync('loop.db', join(folder, 'loop.db'));
    expect(() => openSqliteStore(join(folder, 'loop.db'))).toThrow(
      expect.objectContaining({ code: 'not-writable', message: expect.stringContaining('ELOOP') }),
    );
    writeFileSync(join(folder, 'file'), 'x');
    expect(() => openSqliteStore(join(folder, 'file/store.db'))).toThrow(
      expect.objectContaining({ code: 'not-writable' }),
    );
  });

  test('is made a store: an empty file', async () => {
    const file = join(newFolder(), 'store.db');
    writeFileSync(file, '');
    const store = openSqliteStore(file);
    expect(await store.runs.create(run(1))).toBe(true);
    await store.close();
  });
});

describe('a store of a newer version', () => {
  test('is refused and kept', async () => {
    const file = await storeFile();
    onDatabase(file, 'pragma user_version = 99');
    const before = readFileSync(file);
    for (const readOnly of [false, true])
      expect(() => openSqliteStore(file, { readOnly })).toThrow(
        expect.objectContaining({
          code: 'store-newer',
          message: `store › ${file}: must be of version 1 at most, got version 99; use the newer Tutti that wrote it`,
        }),
      );
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(join(file, '..'))).toEqual(['store.db']);
  });

  test('is refused where only the log says so yet', async () => {
    const file = await storeFile();
    const database = new DatabaseSync(file);
    database.exec('pragma user_version = 99');
    expect(readFileSync(file).readUInt32BE(60)).toBe(1);
    expect(() => openSqliteStore(file)).toThrow(expect.objectContaining({ code: 'store-newer' }));
    database.close();
  });
});

describe('a corrupt store', () => {
  test('is told by what reads it, and kept', async () => {
    const file = await storeFile(200);
    const content = readFileSync(file);
    content.fill(0xff, 4_096);
    writeFileSync(file, content);
    const store = openSqliteStore(file);
    for (const broken of [
      () => store.runs.get({ dagId: 'sales', runId: dateOf(1) }),
      () => store.runs.create(run(1)),
      () => store.runs.changes(),
      () => store.dags.heads(),
    ])
      await expect(broken()).rejects.toMatchObject({
        code: 'store-corrupt',
        message: expect.stringContaining(`store › ${file}: must be a sound store`),
      });
    await store.close();
    expect(readFileSync(file)).toEqual(content);
  });

  test('is refused where its list of tables is gone, and kept', async () => {
    const file = await storeFile();
    const content = readFileSync(file);
    content.fill(0xff, 100, 4_096);
    writeFileSync(file, content);
    expect(() => openSqliteStore(file)).toThrow(expect.objectContaining({ code: 'store-corrupt' }));
    expect(readFileSync(file)).toEqual(content);
  });
});

describe('a store that may not be written', () => {
  test('is refused and kept, and read by those who only read', async () => {
    const file = await storeFile();
    const before = readFileSync(file);
    chmodSync(file, 0o444);
    chmodSync(join(file, '..'), 0o555);
    const reader = withoutRights(() => {
      expect(() => openSqliteStore(file)).toThrow(
        expect.objectContaining({
          code: 'not-writable',
          message: expect.stringContaining(`store › ${file}: must be a file that can be written`),
        }),
      );
      return openSqliteStore(file, { readOnly: true });
    });
    expect(await idsOf(reader)).toEqual([dateOf(1)]);
    await expect(reader.runs.create(run(2))).rejects.toMatchObject({ code: 'not-writable' });
    await expect(
      reader.taskRuns.put({ dagId: 'sales', runId: dateOf(1) }, [row('a'), row('b')]),
    ).rejects.toMatchObject({ code: 'not-writable' });
    await reader.close();
    expect(readFileSync(file)).toEqual(before);
  });

  test('is read with what a killed process left in its log', async () => {
    const folder = newFolder();
    const [file, copy] = [join(folder, 'store.db'), join(folder, 'copy')];
    const store = openSqliteStore(file);
    for (const one of [run(1), run(2)]) await store.runs.create(one);
    mkdirSync(copy);
    for (const name of ['store.db', 'store.db-wal', 'store.db-shm'])
      copyFileSync(join(folder, name), join(copy, name));
    await store.close();
    chmodSync(folder, 0o755);
    chmodSync(copy, 0o555);
    const reader = withoutRights(() => openSqliteStore(join(copy, 'store.db'), { readOnly: true }));
    expect(await idsOf(reader)).toEqual([dateOf(2), dateOf(1)]);
    await reader.close();
  });

  test('is refused in a folder that may not be written', () => {
    const folder = newFolder();
    chmodSync(folder, 0o555);
    withoutRights(() => {
      for (const file of ['store.db', 'new/store.db'])
        expect(() => openSqliteStore(join(folder, file))).toThrow(
          expect.objectContaining({ code: 'not-writable' }),
        );
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('says that the disk is full, and goes on when it is not', () => {
    const database = databaseOf(new DatabaseSync(':memory:'), 'store.db');
    database.script('pragma max_page_count = 10; create table t (doc text)');
    const fill = () =>
      database.alone(() => {
        for (let index = 0; index < 20; index++) database.run('insert into t values (?)', 'x'.repeat(4_000));
      });
    expect(fill).toThrow(
      expect.objectContaining({
        code: 'not-writable',
        message: expect.stringMatching(/must have room on its disk, got ".*full"; free some space/),
      }),
    );
    expect(database.all('select * from t')).toEqual([]);
    database.script('pragma max_page_count = 100');
    fill();
    expect(database.all('select * from t')).toHaveLength(20);
  });
});

describe('reading only', () => {
  test('makes nothing where nothing is', () => {
    const folder = newFolder();
    expect(() => openSqliteStore(join(folder, 'a/store.db'), { readOnly: true })).toThrow(
      expect.objectContaining({ code: 'no-store' }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test('sees what a writer writes meanwhile', async () => {
    const file = await storeFile();
    const [writer, reader] = [openSqliteStore(file), openSqliteStore(file, { readOnly: true })];
    await writer.runs.create(run(2));
    expect(await idsOf(reader)).toEqual([dateOf(2), dateOf(1)]);
    await writer.close();
    expect(await idsOf(reader)).toEqual([dateOf(2), dateOf(1)]);
    await reader.close();
  });

  test('leaves a store of an older version as it is', async () => {
    const file = await storeFile();
    onDatabase(file, 'pragma user_version = 0');
    expect(() => openSqliteStore(file, { readOnly: true })).toThrow(
      expect.objectContaining({ code: 'store-older' }),
    );
    expect(existsSync(file)).toBe(true);
  });
});

describe('a store that another process writes to without end', () => {
  test('is told as busy, and can still be read', async () => {
    const file = await storeFile();
    const store = openSqliteStore(file, { busyMs: 1 });
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    await expect(store.runs.create(run(2))).rejects.toMatchObject({ code: 'store-busy' });
    expect(() => openSqliteStore(file, { busyMs: 1 })).toThrow(
      expect.objectContaining({ code: 'store-busy' }),
    );
    expect(await idsOf(store)).toEqual([dateOf(1)]);
    other.exec('commit');
    expect(await store.runs.create(run(2))).toBe(true);
    other.close();
    await store.close();
  });
});

/** A store with some runs, closed. */
async function storeFile(runs = 1): Promise<string> {
  const file = join(newFolder(), 'store.db');
  const store = openSqliteStore(file);
  for (let day = 1; day <= runs; day++) await store.runs.create(run(day));
  await store.close();
  return file;
}

function onDatabase(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

async function idsOf(store: Store): Promise<readonly string[]> {
  return (await store.runs.list({})).items.map(({ id }) => id);
}

/** Does it as somebody whom modes of files bind: they bind everyone but root. */
function withoutRights<T>(work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
