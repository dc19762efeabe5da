import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import { expr, isExpression, literal, member, unwrap } from '../../lib/asl/jsonata.ts';
import type { Json } from '../../lib/base/json.ts';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('literal', () => {
  test('evaluates to the value it was made of, for any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        const json = plain(value);
        expect(plain(await jsonata(literal(json as Json)).evaluate({}))).toStrictEqual(json);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    'quote " and \\ backslash',
    'line\nbreak, tab\t, bell\u0007, nul\u0000',
    '{% 1 %} %} {%',
    '%%}}',
    '\u2028 and \ud83d\ude00',
    '/* no comment */',
  ])('keeps the text %j', async (text) => {
    expect(await jsonata(literal(text)).evaluate({})).toBe(text);
    expect(unwrap(expr(literal(text)))).toBe(literal(text));
    expect(literal(text)).not.toContain('%}');
  });
});

describe('member', () => {
  test.each([
    ['a', '$x.a'],
    ['a_1', '$x.a_1'],
    ['a-b', '$x.`a-b`'],
    ['1a', '$x.`1a`'],
    ['true', '$x.`true`'],
    ['and', '$x.`and`'],
    ['day one', '$x.`day one`'],
    ['back`quote', '$lookup($x, "back`quote")'],
    ['', '$lookup($x, "")'],
  ])('%j is written %s and finds the field', async (name, text) => {
    expect(member('$x', name)).toBe(text);
    expect(await jsonata(text).evaluate({}, { x: { [name]: 7 } })).toBe(7);
  });

  test('an index is written in brackets', async () => {
    expect(await jsonata(member('$x', 1)).evaluate({}, { x: ['a', 'b'] })).toBe('b');
  });

  test('any name finds its field', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (name) => {
        fc.pre(name !== '__proto__');
        expect(await jsonata(member('$x', name)).evaluate({}, { x: { [name]: 7 } })).toBe(7);
      }),
      { numRuns: 300 },
    );
  });
});

test('only a whole string in brackets is an expression', () => {
  expect(isExpression('{% $x %}')).toBe(true);
  expect(isExpression('{%$x%}')).toBe(true);
  for (const text of ['$x', '{% $x', '$x %}', ' {% $x %}', '{%}', '']) expect(isExpression(text)).toBe(false);
  expect(unwrap('{% $x %}')).toBe('$x');
  expect(unwrap('$x')).toBe('$x');
});
