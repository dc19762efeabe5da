import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Problem } from '../../lib/base/errors.ts';
import { codeFrame } from '../../lib/cli/code-frame.ts';
import { countProblems, problemsJson, renderProblems } from '../../lib/cli/problems.ts';

const SOURCE = "const a = 1;\nconst b = 2;\n\ttask('load', fn());\nconst c = 3;\n";
const OPTIONS = {
  color: false,
  root: '/project',
  readFile: (file: string) => (file.endsWith('a.ts') ? SOURCE : undefined),
};
const at = (line: number, column: number, file = '/project/pipelines/a.ts') => ({ file, line, column });

const ERROR: Problem = {
  code: 'retries',
  path: 'dag "sales" › task "load" › retries.attempts',
  message: 'must be a whole number, got -1',
  remedy: 'write 0 for none',
  at: at(3, 2),
};
const WARNING: Problem = {
  code: 'branch-join',
  path: 'dag "sales"',
  message: 'never runs',
  severity: 'warning',
  related: [{ note: 'see here', at: at(1, 7) }],
};

test('errors come first, each with path, rule, remedy, place and code', () => {
  expect(renderProblems([WARNING, ERROR], OPTIONS)).toMatchInlineSnapshot(`
    "error retries  dag "sales" › task "load" › retries.attempts
      must be a whole number, got -1
      → write 0 for none
      at pipelines/a.ts:3:2
        1 | const a = 1;
        2 | const b = 2;
      > 3 |   task('load', fn());
          |   ^
        4 | const c = 3;

    warning branch-join  dag "sales"
      never runs
      see here pipelines/a.ts:1:7
      > 1 | const a = 1;
          |       ^
        2 | const b = 2;"
  `);
});

test('colours change nothing but colours', () => {
  const coloured = renderProblems([WARNING, ERROR], { ...OPTIONS, color: true });
  expect(coloured).not.toBe(stripVTControlCharacters(coloured));
  expect(stripVTControlCharacters(coloured)).toBe(renderProblems([WARNING, ERROR], OPTIONS));
});

test('a place in a file that cannot be read is named without code', () => {
  expect(renderProblems([{ ...ERROR, at: at(3, 1, '/elsewhere/b.ts') }], OPTIONS)).toMatchInlineSnapshot(`
    "error retries  dag "sales" › task "load" › retries.attempts
      must be a whole number, got -1
      → write 0 for none
      at /elsewhere/b.ts:3:1"
  `);
});

test('what an author writes cannot steer the terminal', () => {
  const text = renderProblems(
    [{ ...ERROR, path: 'dag "\u001b[31mred\u001b[0m\u0007"', message: 'one\ntwo' }],
    OPTIONS,
  );
  expect(text).toMatchInlineSnapshot(`
    "error retries  dag "red·"
      one
      two
      → write 0 for none
      at pipelines/a.ts:3:2
        1 | const a = 1;
        2 | const b = 2;
      > 3 |   task('load', fn());
          |   ^
        4 | const c = 3;"
  `);
});

test('problems are counted in words', () => {
  expect([[], [ERROR], [ERROR, WARNING, WARNING]].map(countProblems)).toEqual([
    'no mistakes',
    '1 error',
    '1 error, 2 warnings',
  ]);
});

test('the JSON form names the severity and relative files', () => {
  expect(problemsJson([WARNING, ERROR], '/project')).toMatchInlineSnapshot(`
    [
      {
        "at": {
          "column": 2,
          "file": "pipelines/a.ts",
          "line": 3,
        },
        "code": "retries",
        "message": "must be a whole number, got -1",
        "path": "dag "sales" › task "load" › retries.attempts",
        "remedy": "write 0 for none",
        "severity": "error",
      },
      {
        "code": "branch-join",
        "message": "never runs",
        "path": "dag "sales"",
        "related": [
          {
            "at": {
              "column": 7,
              "file": "pipelines/a.ts",
              "line": 1,
            },
            "note": "see here",
          },
        ],
        "severity": "warning",
      },
    ]
  `);
});

test('the caret stands below its character, after tabs and wide ones too', () => {
  expect(codeFrame("\t'日次', x", { line: 1, column: 8 })).toMatchInlineSnapshot(`
    "> 1 |   '日次', x
        |           ^"
  `);
});

test('a long line is cut around its place', () => {
  const frame = codeFrame(`${'a'.repeat(300)}HERE${'b'.repeat(300)}`, { line: 1, column: 301 });
  const [code = '', caret = ''] = frame.split('\n');
  expect(code.slice(caret.indexOf('^'), caret.indexOf('^') + 4)).toBe('HERE');
  expect(code.length).toBeLessThan(120);
});

test('a place outside of its file has no code', () => {
  expect([codeFrame('a', { line: 5, column: 1 }), codeFrame('a', { line: 0, column: 1 })]).toEqual(['', '']);
});

test('a column past the end of its line is shown at the end', () => {
  expect(codeFrame('ab', { line: 1, column: 99 })).toMatchInlineSnapshot(`
    "> 1 | ab
        |   ^"
  `);
});
