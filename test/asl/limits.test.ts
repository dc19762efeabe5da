import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as limits from '../../lib/asl/limits.ts';

const source = readFileSync(new URL('../../lib/asl/limits.ts', import.meta.url), 'utf8');

test.each(Object.entries(limits))('%s is a limit and names its source', (name, value) => {
  const comment = source.split('\n').findLast((line, index, lines) => {
    const next = lines.slice(index + 1).find((later) => !later.startsWith('//'));
    return next?.startsWith(`export const ${name} `) && line.startsWith('/**');
  });
  expect(comment).toMatch(/@see https:\/\/\S+ \*\/$/);
  if (!(value instanceof RegExp)) expect(value).toBeGreaterThan(0);
});

test.each(['a b', '2026-01-01T00:00:00Z', 'a/b', 'tab\t', 'a,b', '`'])(
  '%j is no name of an execution',
  (name) => {
    expect(limits.FORBIDDEN_IN_NAMES.test(name)).toBe(true);
  },
);

test('letters, digits, dots, dashes and underscores are', () => {
  expect(limits.FORBIDDEN_IN_NAMES.test('daily_sales.2026-01-01_größe')).toBe(false);
});
