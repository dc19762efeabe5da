import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../lib/base/json.ts';
import { seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { compileQuery, type Scope } from '../../lib/interpreter/expression.ts';
import { run, single } from './machine.ts';

const scope = (variables: Readonly<Record<string, Json>> = {}, input: Json = null): Scope => ({
  states: { input, context: {} },
  variables: { get: (name) => variables[name] },
  clock: new VirtualClock(Date.parse('2026-02-03T04:05:06.789Z')),
  random: seededRandom(5),
});

const evaluate = async (source: string, variables?: Readonly<Record<string, Json>>, input?: Json) =>
  compileQuery(source)(scope(variables, input));

const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

describe('a path', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'length', 'constructor', 'toString');
  const data = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Json>(null, 0, 1, '', 'x', true, false),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;

  test('gives what JSONata gives, whatever lies on the way', async () => {
    await fc.assert(
      fc.asyncProperty(data, fc.array(name, { maxLength: 4 }), async (value, steps) => {
        const source = ['$v', ...steps].join('.');
        const expected = await jsonata(source).evaluate(undefined, { v: value });
        const got = await evaluate(source, { v: value as Json });
        if (typeof expected === 'function') expect(typeof got).toBe('function');
        else expect(JSON.stringify(got)).toBe(JSON.stringify(expected));
      }),
      { numRuns: 2_000 },
    );
  });

  test('through plain objects is there at once', () => {
    const value = { b: [1] };
    expect(compileQuery('$states.input.a.b')(scope({}, { a: value }))).toBe(value.b);
  });
});

describe('the functions of Step Functions', () => {
  test.each([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3])', [[1, 2, 3]]],
    ['$partition([1,2,3,4,5], 2.9)', [[1, 2], [3, 4], [5]]],
    ['$partition([], 2)', undefined],
    ['$partition([1], 0)', undefined],
    ['$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]],
    ['$range(10, 0, -5)', [10, 5, 0]],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$range(3, 3, 1)', 3],
    ['$range(5, 1, 1)', undefined],
    ['$range(1, 5, 0)', undefined],
    ['$range(1, 5)', undefined],
    ["$hash('Hello', 'MD5')", '8b1a9953c4611296a827abf8c47804d7'],
    ["$hash('Hello', 'SHA-1')", 'f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0'],
    ["$hash('Hello', 'SHA-256')", '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969'],
    ["$hash('Hello')", undefined],
    ['$parse(\'{"a":[1,null]}\').a', [1, null]],
    ["$exists($parse('null'))", true],
    ['$parse()', undefined],
    ['$random(42)', 0.7275636800328681],
    ['$random(0) = $random(0.9)', true],
    ['$random() = $random()', false],
    ['$uuid() = $uuid()', false],
    [
      "$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/).match != ''",
      true,
    ],
    ['$now()', '2026-02-03T04:05:06.789Z'],
    ["$now('[Y0001]-[M01]', '+0000')", '2026-02'],
    ['$millis()', 1_770_091_506_789],
  ])('%s gives %j', async (source, expected) => {
    expect(plain(await evaluate(source))).toStrictEqual(expected);
  });

  test.each([
    ['$partition([1], -1)', 'D3137'],
    ["$hash('a', 'md5')", 'D3137'],
    ["$hash(1, 'MD5')", 'T0410'],
    ["$parse('nonsense')", 'D3137'],
    ["$eval('1')", 'T1006'],
    ["$uuid('x')", 'T0410'],
    ['1 + "a"', 'T2002'],
    ['1 +', 'S0207'],
  ])('%s fails with %s', async (source, code) => {
    await expect(evaluate(source)).rejects.toMatchObject({ code });
  });
});

describe('an expression', () => {
  test('that never ends is stopped', async () => {
    const started = performance.now();
    const state = {
      Type: 'Pass',
      Output: '{% ($f := function($n) { $f($n + 1) }; $f(0)) %}',
      End: true,
    } as const;
    const result = await run(single(state));
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(result.cause).toContain('Expression evaluation timeout: Check for infinite loop');
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('that makes too much is stopped', async () => {
    await expect(evaluate('$range(1, 360146, 1)')).rejects.toThrow(
      'Expression evaluation memory limit exceeded',
    );
    await expect(evaluate("($f := function($s) { $f($s & $s) }; $f('x'))")).rejects.toThrow(
      'memory limit exceeded',
    );
    await expect(evaluate('[1..1000].($x := [1..100000]; $count($x))')).rejects.toThrow(
      'memory limit exceeded',
    );
  });

  test('passes on plain JSON: a list made by it is treated as any other', async () => {
    const states = {
      Type: 'Pass',
      Assign: { list: '{% [[1, 2]] %}', one: '{% $states.input[] %}' },
      End: true,
    } as const;
    expect((await run(single(states), [7])).events[2]?.details['assignedVariables']).toStrictEqual({
      list: '[[1,2]]',
      one: '[7]',
    });
  });

  test('that gives a function is refused', async () => {
    const state = { Type: 'Pass', Output: '{% function($x) { $x } %}', End: true } as const;
    expect((await run(single(state))).cause).toContain('returned an unsupported result type.');
  });

  test('that throws says what AWS says', async () => {
    const state = { Type: 'Pass', Output: { v: "{% $number('x') %}" }, End: true } as const;
    expect((await run(single(state))).cause).toBe(
      "An error occurred while executing the state 'S' (entered at the event id #2). The JSONata expression '$number('x')' specified for the field 'Output/v' threw an error during evaluation. D3030: Unable to cast value to a number: \"x\"",
    );
  });
});
