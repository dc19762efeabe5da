import { expect, test } from 'vitest';
import { unknownUpstream } from '../../../lib/compiler/rules/unknown-upstream.ts';
import { node, sales, told } from './graphs.ts';

test('a name that is no task is told with the nearest one', () => {
  const dag = sales([
    node('extract'),
    node('load', { after: ['extrct'] }),
    node('report', { after: ['zebra'] }),
  ]);
  expect(told(unknownUpstream, dag)).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › after: must name a task of this DAG, got "extrct"; did you mean "extract"?",
      "dag "sales" › task "report" › after: must name a task of this DAG, got "zebra"; declare that task, or remove the dependency",
    ]
  `);
});
