import { expect, test } from 'vitest';
import { clip, clipColored, columns, count, durationText } from '../../lib/cli/words.ts';

test.each([
  [0, '0ms'],
  [999.4, '999ms'],
  [1000, '1.0s'],
  [59_940, '59.9s'],
  [59_960, '1m 00s'],
  [3_599_000, '59m 59s'],
  [3_600_000, '1h 00m'],
  [90_061_000, '25h 01m'],
])('%d ms are written %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('amounts agree with their noun', () => {
  expect([0, 1, 1234].map((amount) => count(amount, 'task'))).toEqual(['no tasks', '1 task', '1,234 tasks']);
});

test('columns line up, colours not counted', () => {
  expect(
    columns([
      ['a', 'x'],
      ['\u001b[31mred\u001b[39m', 'y'],
    ]),
  ).toEqual(['a    x', '\u001b[31mred\u001b[39m  y']);
});

test('a text is cut at its width', () => {
  expect([clip('abcdef', 6), clip('abcdef', 4)]).toEqual(['abcdef', 'abc…']);
});

test('a coloured text is cut at what is seen of it, and its colour ends', () => {
  const red = '\u001b[31mabcdef\u001b[39m';
  expect([clipColored(red, 6), clipColored(red, 4)]).toEqual([red, '\u001b[31mabc\u001b[39m…']);
});
