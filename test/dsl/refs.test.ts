/** A Ref is known only during a run; used as a value while the DAG is declared, it says so. */
import { describe, expect, test } from 'vitest';
import { problemText } from '../../lib/base/errors.ts';
import { type DefinitionError, dag, fn } from '../../lib/index.ts';

const counted = fn(() => ({ rows: 1, list: ['a'] }));

describe('a Ref used as a value', () => {
  const misuses: readonly [string, (rows: unknown) => unknown, RegExp][] = [
    ['text', (rows) => `${rows}`, /cannot be used as text or number here; put it into text`…` or sql`…`/],
    ['a number', (rows) => Number(rows) + 1, /cannot be used as text or number here/],
    ['compared', (rows) => (rows as number) < 1, /compare it by eq\(ref, value\)/],
    ['iterated', (rows) => [...(rows as unknown[])], /cannot be iterated here; give it to a task/],
    ['written as JSON', (rows) => JSON.stringify({ rows }), /cannot be written as JSON here/],
    ['set', (rows) => Object.assign(rows as object, { a: 1 }), /has no field to set/],
  ];

  test.each(misuses)('%s throws, naming it, its place and the remedy', (_name, misuse, text) => {
    let problems: DefinitionError['problems'] = [];
    try {
      dag('d', {}, ({ task }) => {
        misuse(task('a', counted).output.rows);
      });
    } catch (error) {
      problems = (error as DefinitionError).problems;
    }
    const [problem] = problems;
    if (problem === undefined) throw new Error('nothing was told');
    expect(problemText(problem)).toMatch(/^dag "d" › a\.output\.rows: is known only during a run and /);
    expect(problemText(problem)).toMatch(text);
    expect(problem.at?.file).toMatch(/refs\.test\.ts$/);
  });

  test('awaited throws', async () => {
    await expect(
      (async () => {
        const holder: { rows?: unknown } = {};
        dag('d', {}, ({ task }) => {
          holder.rows = task('a', counted).output.rows;
        });
        await holder.rows;
      })(),
    ).rejects.toThrow('cannot be awaited here');
  });
});
