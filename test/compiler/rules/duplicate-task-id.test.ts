import { expect, test } from 'vitest';
import { duplicateTaskId } from '../../../lib/compiler/rules/duplicate-task-id.ts';
import { node, sales } from './graphs.ts';

test('both places of two tasks with one id are named', () => {
  const at = (line: number) => ({ at: { file: '/p/sales.ts', line, column: 3 } });
  expect(
    duplicateTaskId(sales([node('load', at(4)), node('report'), node('load', at(9))])),
  ).toMatchInlineSnapshot(`
    [
      {
        "at": {
          "column": 3,
          "file": "/p/sales.ts",
          "line": 9,
        },
        "code": "duplicate-task-id",
        "message": "must have an id of its own, got "load" twice",
        "path": "dag "sales" › task "load"",
        "related": [
          {
            "at": {
              "column": 3,
              "file": "/p/sales.ts",
              "line": 4,
            },
            "note": "first declared here",
          },
        ],
        "remedy": "rename one of the two",
      },
    ]
  `);
});

test('an id used three times is told twice', () => {
  expect(duplicateTaskId(sales([node('a'), node('a'), node('a')]))).toHaveLength(2);
});
