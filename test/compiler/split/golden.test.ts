/** What divided DAGs look like: all machines of one in one file, the run's own first. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../../lib/compiler/compile.ts';
import { groupRetries, mappedGroup, nGraph, outputs } from '../../features.ts';

describe.each([outputs, nGraph, groupRetries, mappedGroup])('$id, divided', (dag) => {
  test('is its golden machines', async () => {
    const { definition, parts } = compile(dag, { limits: { tasks: 2 } });
    expect(Object.keys(parts ?? {})).not.toEqual([]);
    const text = `${JSON.stringify({ definition, ...parts }, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`../../golden/divided-${dag.id}.asl.json`);
  });
});
