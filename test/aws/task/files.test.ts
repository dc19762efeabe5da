/** `ctx.files` in a DAG's function: objects of the environment's bucket. */
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { compareTexts } from '../../../lib/base/compare.ts';
import type { FnContext } from '../../../lib/model/context.ts';
import { testDag } from '../../local/dag.ts';
import { Cloud } from './cloud.ts';
import { eventOf, rig, runInput } from './rig.ts';

const cloud = new Cloud();
// Nothing here reads or writes items.
const table = { name: 'none', url: 'http://127.0.0.1:9' };

beforeAll(() => cloud.start());
afterAll(() => cloud.stop());

test('files are objects of the bucket, by every name that a file may have', async () => {
  const names = ['a b.txt', 'ü/ß.json', 'x=1&y=2/+%41.csv', "(it's)!*~.txt", 'deep/er/./z.bin'];
  const reply = await runs(async ({ files }) => {
    for (const name of names) await files.write(`names/${name}`, name);
    const texts = await Promise.all(names.map((name) => files.text(`names/${name}`)));
    return { texts, listed: await files.list('names/') };
  });
  const listed = names.map((name) => `names/${name.replace('/./', '/')}`).sort(compareTexts);
  expect(reply).toEqual({ out: { '': { texts: names, listed } } });
  expect(listed.map((name) => cloud.text(`files/${name}`))).not.toContain(undefined);
});

test('files are written whole as text, bytes and JSON, and removed', async () => {
  const reply = await runs(async ({ files }) => {
    const given = await files.write('kinds/a.json', { rows: 3 });
    await files.write('kinds/b.bin', new Uint8Array([1, 2, 255]));
    const rest = {
      json: await files.json('kinds/a.json'),
      bytes: [...(await files.read('kinds/b.bin'))],
    };
    const before = await files.exists('kinds/a.json');
    await files.remove('kinds/a.json');
    await files.remove('kinds/never.json');
    return { ...rest, given, before, after: await files.exists('kinds/a.json') };
  });
  expect(reply).toEqual({
    out: {
      '': { given: 'kinds/a.json', json: { rows: 3 }, bytes: [1, 2, 255], before: true, after: false },
    },
  });
});

test('files are listed page by page', async () => {
  cloud.pageSize = 2;
  onTestFinished(() => {
    cloud.pageSize = 1000;
  });
  for (const name of ['c', 'a', 'b/d', 'b/', 'e']) cloud.objects.set(`files/pages/${name}`, Buffer.from(''));
  const reply = await runs(({ files }) => files.list('pages/'));
  expect(reply).toEqual({ out: { '': ['pages/a', 'pages/b/d', 'pages/c', 'pages/e'] } });
});

test('files that are missing, or no JSON, or outside, fail by name', async () => {
  await expect(runs(({ files }) => files.read('no/such'))).rejects.toMatchObject({
    name: 'Files.NotFound',
  });
  await expect(runs(({ files }) => files.write('../x', 'x'))).rejects.toMatchObject({
    name: 'Files.BadPath',
  });
  await expect(runs(({ files }) => files.list('/etc'))).rejects.toMatchObject({ name: 'Files.BadPath' });
  cloud.objects.set('files/no.json', Buffer.from('{'));
  await expect(runs(({ files }) => files.json('no.json'))).rejects.toMatchObject({
    name: 'Files.NotJson',
  });
});

test('files have a path on this machine once the try has read or written them, until it ends', async () => {
  cloud.objects.set('files/on/s3.txt', Buffer.from('from S3'));
  let path = '';
  const { call, folder } = made(async ({ files }) => {
    await files.write('on/own.txt', 'own');
    await files.read('on/s3.txt');
    path = files.path('on/own.txt');
    return [readFileSync(path, 'utf8'), readFileSync(files.path('on/./s3.txt'), 'utf8')];
  });
  expect(await call(eventOf('work', runInput({ table }, 'test'), { want: [''] }))).toEqual({
    out: { '': ['own', 'from S3'] },
  });
  expect(existsSync(path)).toBe(false);
  expect(await readdir(`${folder}/tutti`)).toEqual([]);
  await expect(runs(({ files }) => files.path('on/s3.txt'))).rejects.toMatchObject({
    name: 'Files.NoPath',
    message: expect.stringContaining('must have been read or written by this try'),
  });
});

function made(body: (context: FnContext) => unknown) {
  const one = rig(testDag({ work: { body } }), { cloud, table });
  onTestFinished(one.close);
  return one;
}

/** The reply of a try whose function this is. */
function runs(body: (context: FnContext) => unknown) {
  return made(body).call(eventOf('work', runInput({ table }, 'test'), { want: [''] }));
}
