import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { answerTo } from '../../lib/cli/ledger/confirm.ts';

test.each([
  ['an answer', 'y\r', 'y'],
  ['nothing', '\r', ''],
  ['Ctrl-C', '\u0003', undefined],
  ['Ctrl-D', '\u0004', undefined],
])('%s is taken', async (_, typed, answer) => {
  const streams = { input: new PassThrough(), output: new PassThrough() };
  const asked = answerTo('cancel it? [y/N] ', streams);
  streams.input.write(typed);
  expect(await asked).toBe(answer);
  expect(String(streams.output.read())).toContain('cancel it? [y/N] ');
});
