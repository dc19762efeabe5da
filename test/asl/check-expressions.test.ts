import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { branch, findings, machine, one, pass, task } from './machines.ts';

const output = (expression: string) => findings(one(pass({ Output: `{% ${expression} %}` })));
const at = '/States/S/Output';

describe('syntax', () => {
  test.each([
    ['a[1,2)', 'Expected "]", got ","'],
    ['"unterminated', 'String literal must be terminated by a matching quote'],
    ['1 +', 'Unexpected end of expression'],
    ['{"a":}', 'The symbol "}" cannot be used as a unary operator'],
    ['$x :=', 'Unexpected end of expression'],
    ['$match("a", /abc', 'No terminating / in regular expression'],
    ['', 'Unexpected end of expression'],
  ])('%j is refused as AWS words it', (expression, message) => {
    expect(output(expression)).toStrictEqual([`INVALID_JSONATA_EXPRESSION ${at}: ${message}`]);
  });

  test.each(['{% 1 %', '1 %}', ' {% 1 %}'])(
    'is not what the text %j has, and nothing evaluates it',
    (text) => {
      expect(findings(one(pass({ Output: { a: text } })))).toStrictEqual([
        `runs: INVALID_JSONATA_EXPRESSION ${at}/a: Text is not evaluated: an expression begins with {% and ends with %}`,
      ]);
    },
  );

  test.each(['{%1%}', '{% \n1\n %}', '100 % {sure}'])('allows %j', (text) => {
    expect(findings(one(pass({ Output: { a: text } })))).toStrictEqual([]);
  });

  test('is checked wherever an expression is evaluated, and nowhere else', () => {
    const bad = '{% 1 + %}';
    const found = findings(
      machine({
        T: task({
          Comment: bad,
          Arguments: { list: [{ deep: bad }] },
          TimeoutSeconds: bad,
          Credentials: { RoleArn: bad },
          Assign: { x: bad },
          Catch: [{ ErrorEquals: [bad], Next: 'C', Output: bad }],
          Next: 'C',
        }),
        C: {
          Type: 'Choice',
          Choices: [{ Condition: bad, Next: 'W', Comment: bad }],
          Default: 'W',
          Output: bad,
        },
        W: { Type: 'Wait', Timestamp: bad, Next: 'M' },
        M: {
          Type: 'Map',
          Items: bad,
          ItemSelector: { i: bad },
          MaxConcurrency: bad,
          ItemBatcher: { BatchInput: bad },
          ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Arguments: { Key: bad } },
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            ...branch({ I: pass() }),
          },
          Next: 'F',
        },
        F: { Type: 'Fail', Error: bad, Cause: bad },
      }),
    );
    const paths = found.map((line) => line.split(': ')[0]);
    const expected = [
      'T/Arguments/list[0]/deep',
      'T/Credentials/RoleArn',
      'T/TimeoutSeconds',
      'T/Assign/x',
      'T/Catch[0]/Output',
      'C/Output',
      'C/Choices[0]/Condition',
      'W/Timestamp',
      'M/Items',
      'M/ItemSelector/i',
      'M/ItemReader/Arguments/Key',
      'M/ItemBatcher/BatchInput',
      'M/MaxConcurrency',
      'F/Error',
      'F/Cause',
    ];
    expect(paths).toStrictEqual(expected.map((path) => `INVALID_JSONATA_EXPRESSION /States/${path}`));
  });
});

describe('what is not there to read', () => {
  test.each([
    ['phone', 'phone'],
    ['phone[0].number', 'phone'],
    ['`a b`', 'a b'],
    ['{"a": 1 + b}', 'b'],
    ['{c: 1}', 'c'],
    ['[d, 1]', 'd'],
    ['$', '$'],
    ['$.x', '$'],
    ['$map($states.input.a, function($x){ b })', 'b'],
    ['($a := 1; $a + f)', 'f'],
    ['$states.input.a ~> $sum() + g', 'g'],
    ['$states.input ? h : 1', 'h'],
  ])('%s at the top level', (expression, name) => {
    expect(output(expression)).toStrictEqual([
      `UNSUPPORTED_JSONATA_EXPRESSION ${at}: Reference to '${name}' at the top level is not supported.`,
    ]);
  });

  test('the root of it all', () => {
    expect(output('$$')).toStrictEqual([
      `UNSUPPORTED_JSONATA_EXPRESSION ${at}: Reference to '$$' is not supported.`,
    ]);
  });

  test.each([
    '$states.input.items[value > 3].name',
    '$states.input.a^(b)',
    '$states.input.list.(c & d)',
    '$states.input.list{name: $sum(price)}',
    '$states.input.list.$uppercase(name)',
    '$states.input.list[$ > 1]',
    '$states.input ~> |a|{"b": c}|',
    '$states.input.list@$l.other#$i[$i = 1].{"x": $l.y}',
    '($f := function($n){ $n < 1 ? 0 : $f($n - 1) }; $f(3))',
    '$map([1..3], function($v, $i){ $v + $i })',
    '$states.input.$keys($)',
    '"phone"',
    '$states.context.Execution.`Input`',
    '$parse("{}") ~> $merge',
    '[$partition([1], 1), $range(1, 2, 1), $hash("a", "MD5"), $random(), $uuid(), $now(), $millis()]',
  ])('%s reads nothing that is missing', (expression) => {
    expect(output(expression)).toStrictEqual([]);
  });

  const gone = (field: string, path = at) =>
    `UNSUPPORTED_JSONATA_EXPRESSION ${path}: Field '$states.${field}' does not exist.`;
  test.each(['result', 'errorOutput', 'outputs'])('$states.%s in a Pass', (field) => {
    expect(output(`$states.${field}.x`)).toStrictEqual([gone(field)]);
    expect(output(`$merge([$states."${field}"])`)).toStrictEqual([gone(field)]);
  });

  test('a result before there is one, and in a Catcher', () => {
    const found = findings(
      machine({
        S: task({
          Arguments: '{% $states.result %}',
          Output: '{% $states.result %}',
          Assign: { r: '{% $states.result %}', e: '{% $states.errorOutput %}' },
          Catch: [
            { ErrorEquals: ['States.ALL'], Output: '{% [$states.errorOutput, $states.result] %}', Next: 'E' },
          ],
        }),
        E: pass(),
      }),
    );
    expect(found).toStrictEqual([
      gone('result', '/States/S/Arguments'),
      gone('errorOutput', '/States/S/Assign/e'),
      gone('result', '/States/S/Catch[0]/Output'),
    ]);
  });

  test('a function', () => {
    expect(output('$eval("1")')).toStrictEqual([
      `runs: UNKNOWN_FUNCTION ${at}: Attempted to invoke a non-function: $eval`,
    ]);
    expect(output('$nope(1)')).toStrictEqual([
      `runs: UNKNOWN_FUNCTION ${at}: Attempted to invoke a non-function: $nope`,
    ]);
  });
});

const atom = fc.constantFrom(
  '1',
  '"text"',
  "'it'",
  '$states.input.a',
  '$states.result',
  '$states."result".b',
  '$one',
  '$two.rows',
  '$one[$two = "x"]',
  'bare',
  '$',
  '$$',
  '$nope(1)',
  '$sum($one)',
  '$exists($two)',
  '`a b`',
  '[1..3]',
  '$states.input.(x & "y")',
  '$v1.v0',
);
const expression: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { depthSize: 'small' },
    atom,
    fc
      .tuple(tie('e'), fc.constantFrom('+', '&', 'and', '=', '~>'), tie('e'))
      .map(([a, op, b]) => `(${a}) ${op} (${b})`),
    fc.tuple(tie('e'), tie('e'), tie('e')).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `{"k": ${a}, "l": [${b}]}`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `($two := ${a}; ${b})`),
    tie('e').map((a) => `$map($one, function($v){ ${a} })`),
    tie('e').map((a) => `$states.input.list[${a}]`),
  ),
})).e;

test('expressions that share a shape are read as if each were parsed alone', () => {
  fc.assert(
    fc.property(fc.array(expression, { minLength: 1, maxLength: 6 }), (expressions) => {
      const list = (text: (expression: string) => string) =>
        findings(one(pass({ Output: expressions.map(text) })));
      // A comment keeps an expression from being read by its shape.
      expect(list((text) => `{% ${text} %}`)).toStrictEqual(list((text) => `{% ${text} /**/ %}`));
    }),
    { numRuns: 500 },
  );
});
