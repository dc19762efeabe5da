import { describe, expect, test } from 'vitest';
import { branch, findings, machine, one, pass, task } from './machines.ts';

const x = '{% $x %}';
const possibly = (path: string) =>
  `runs: POSSIBLY_UNDEFINED_VARIABLE ${path}: Variable 'x' is possibly not defined.`;

describe('a variable is there', () => {
  test('in the states after the one that assigns it, not in that one', () => {
    const set = pass({ Assign: { x: 1 }, Output: x, Next: 'B' });
    expect(findings(machine({ A: set, B: pass({ Output: x }) }))).toStrictEqual([
      possibly('/States/A/Output'),
    ]);
  });

  test('inside Parallels and inline Maps, at any depth', () => {
    const inner = { Type: 'Parallel', End: true, Branches: [branch({ I: pass({ Output: x }) })] };
    const map = { Type: 'Map', Items: x, ItemProcessor: branch({ In: inner }), End: true };
    expect(findings(machine({ A: pass({ Assign: { x: 1 }, Next: 'M' }), M: map }))).toStrictEqual([]);
  });

  test('when each way assigns it: rule, Default, Catcher', () => {
    const states = {
      T: task({
        Assign: { x: 1 },
        Next: 'C',
        Catch: [{ ErrorEquals: ['States.ALL'], Assign: { x: 2 }, Next: 'C' }],
      }),
      C: pass({ Output: x, Next: 'D' }),
      D: {
        Type: 'Choice',
        Choices: [{ Condition: true, Next: 'E', Assign: { y: 1 } }],
        Default: 'E',
        Assign: { y: 2 },
      },
      E: pass({ Output: '{% [$x, $y] %}' }),
    };
    expect(findings(machine(states))).toStrictEqual([]);
  });

  test('after a loop that assigns it before its first end', () => {
    const states = {
      A: pass({ Assign: { x: 0 }, Next: 'B' }),
      B: pass({ Assign: { x: '{% $x + 1 %}' }, Next: 'C' }),
      C: { Type: 'Choice', Choices: [{ Condition: '{% $x < 3 %}', Next: 'B' }], Default: 'End' },
      End: { Type: 'Succeed' },
    };
    expect(findings(machine(states))).toStrictEqual([]);
  });

  test.each([
    '$exists($x)',
    '$exists($x.rows) ? $x.rows : 0',
    '$exists($x) and $x > 1',
    '($exists($x)) ? $x : 0',
  ])('where %s asks first', (expression) => {
    const fork = {
      Type: 'Choice',
      Choices: [{ Condition: true, Next: 'B', Assign: { x: 1 } }],
      Default: 'B',
    };
    expect(findings(machine({ A: fork, B: pass({ Output: `{% ${expression} %}` }) }))).toStrictEqual([]);
  });
});

describe('a variable may be missing', () => {
  test('on the way through a Catcher that does not assign it', () => {
    const states = {
      T: task({ Assign: { x: 1 }, Next: 'C', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }] }),
      C: pass({ Output: x }),
    };
    expect(findings(machine(states))).toStrictEqual([possibly('/States/C/Output')]);
  });

  test('on the way of one rule: the Choice’s own Assign is the Default’s', () => {
    const fork = {
      Type: 'Choice',
      Choices: [{ Condition: true, Next: 'B' }],
      Default: 'B',
      Assign: { x: 1 },
    };
    expect(findings(machine({ A: fork, B: pass({ Output: x }) }))).toStrictEqual([
      possibly('/States/B/Output'),
    ]);
  });

  test('in the other arm of the condition that asks for it', () => {
    const fork = {
      Type: 'Choice',
      Choices: [{ Condition: true, Next: 'B', Assign: { x: 1 } }],
      Default: 'B',
    };
    const output = '{% $exists($x) ? 0 : $x %}';
    expect(findings(machine({ A: fork, B: pass({ Output: output }) }))).toStrictEqual([
      possibly('/States/B/Output'),
    ]);
  });

  test('when only a later state assigns it', () => {
    const states = { A: pass({ Output: x, Next: 'B' }), B: pass({ Assign: { x: 1 } }) };
    expect(findings(machine(states))).toStrictEqual([possibly('/States/A/Output')]);
  });

  test('when nothing does', () => {
    expect(findings(one(task({ Arguments: { a: ['{% $x.y %}'] } })))).toStrictEqual([
      `runs: UNDEFINED_VARIABLE /States/S/Arguments/a[0]: Variable 'x' is not defined.`,
    ]);
  });
});

describe('scopes', () => {
  const out = (path: string) =>
    `runs: VARIABLE_OUT_OF_SCOPE ${path}: Variable 'x' ends with the branch or iteration that assigns it; hand it out by Output`;
  const sets = branch({ In: pass({ Assign: { x: 1 } }) });

  test('a variable of a branch is gone after it, and for the Parallel’s own Output', () => {
    const par = { Type: 'Parallel', Branches: [sets], Output: x, Next: 'After' };
    expect(findings(machine({ Par: par, After: pass({ Output: x }) }))).toStrictEqual([
      out('/States/Par/Output'),
      out('/States/After/Output'),
    ]);
  });

  test('a variable of a branch is none of its sibling’s', () => {
    const par = { Type: 'Parallel', End: true, Branches: [sets, branch({ Sibling: pass({ Output: x }) })] };
    expect(findings(machine({ Par: par }))).toStrictEqual([
      out('/States/Par/Branches[1]/States/Sibling/Output'),
    ]);
  });

  test('siblings may use one name', () => {
    const other = branch({ Other: pass({ Assign: { x: 2 } }) });
    expect(
      findings(machine({ Par: { Type: 'Parallel', End: true, Branches: [sets, other] } })),
    ).toStrictEqual([]);
  });

  test('a branch cannot assign a name of the scope around it, wherever that is assigned', () => {
    const par = { Type: 'Parallel', Branches: [sets], Next: 'After' };
    expect(findings(machine({ Par: par, After: pass({ Assign: { x: 1 } }) }))).toStrictEqual([
      `DUPLICATE_VARIABLE_NAME /States/Par/Branches[0]/States/In/Assign/x: The variable name 'x' was already defined in a parent scope.`,
    ]);
  });

  test('a Catcher of a Parallel assigns in the scope around it', () => {
    const par = {
      Type: 'Parallel',
      Branches: [branch({ In: pass() })],
      Assign: { x: 1 },
      Catch: [{ ErrorEquals: ['States.ALL'], Assign: { x: 2 }, Next: 'After' }],
      Next: 'After',
    };
    expect(findings(machine({ Par: par, After: pass({ Output: x }) }))).toStrictEqual([]);
  });

  test('a distributed Map reads no variable of its parent', () => {
    const processor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      ...branch({ In: pass({ Output: x }) }),
    };
    const map = { Type: 'Map', Items: [1], ItemSelector: { x }, ItemProcessor: processor, End: true };
    expect(findings(machine({ A: pass({ Assign: { x: 1 }, Next: 'M' }), M: map }))).toStrictEqual([
      `runs: VARIABLE_OUT_OF_SCOPE /States/M/ItemProcessor/States/In/Output: Variable 'x' belongs to the parent; a distributed Map cannot read it, pass it by ItemSelector`,
    ]);
  });
});

describe('names', () => {
  test.each([
    ['states', `The variable name 'states' is reserved.`],
    ['a-b', `Variable name 'a-b' must be an identifier of at most 80 characters`],
    ['1a', `Variable name '1a' must be an identifier of at most 80 characters`],
    ['', `Variable name '' must be an identifier of at most 80 characters`],
  ])('%j is refused', (name, message) => {
    expect(findings(one(pass({ Assign: { [name]: 1 } })))).toStrictEqual([
      `INVALID_VARIABLE_NAME /States/S/Assign/${name}: ${message}`,
    ]);
  });

  test('that ask for JSONPath are refused', () => {
    expect(findings(one(pass({ Assign: { 'x.$': '$.a' } })))).toStrictEqual([
      `INVALID_VARIABLE_NAME /States/S/Assign/x.$: Variable name 'x.$' must be an identifier`,
    ]);
  });

  test('of 80 letters of any script are taken', () => {
    expect(findings(one(pass({ Assign: { größe_1: 1, ['x'.repeat(80)]: 1 } })))).toStrictEqual([]);
    expect(findings(one(pass({ Assign: { ['x'.repeat(81)]: 1 } })))).toHaveLength(1);
  });
});
