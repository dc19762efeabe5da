/** `sensor.at` waits until an instant, and fails where there is none. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import type { Operand } from '../../lib/model/ref.ts';
import type { CallNode } from '../../lib/model/task.ts';
import { fact, output, param, testDag } from './dag.ts';
import { inVirtualTime } from './virtual-time.ts';

function at(instant: Operand): CallNode {
  return { kind: 'at', instant };
}

describe('sensor.at', () => {
  const given = { type: 'string' } as const;
  const cases: readonly (readonly [string, number | 'failed'])[] = [
    ['2026-08-22T00:10:00Z', 600],
    ['2026-08-22T02:10+02:00', 600],
    ['2026-08-22T00:00:01.500Z', 1.5],
    ['2024-02-29T00:00:00Z', 0],
    ['2026-02-29T00:00:00Z', 'failed'],
    ['2026-08-22', 'failed'],
    ['2026-08-22T24:00:00Z', 'failed'],
    ['2026-08-22T00:10:00', 'failed'],
    ['soon', 'failed'],
    ['', 'failed'],
  ];

  test.each(cases)('waits until %s, known only during the run: %j', async (instant, expected) => {
    const dag = testDag(
      { wait: { call: at(param('until')) }, after: { after: ['wait'], body: () => undefined } },
      { params: { until: given } },
    );
    const { byId, state } = await inVirtualTime(dag, { params: { until: instant } });
    const failed = expected === 'failed';
    expect({ state, wait: byId['wait'], after: byId['after']?.state }).toEqual({
      state: failed ? 'failed' : 'success',
      wait: { state: failed ? 'failed' : 'success', tries: 0, error: undefined, sec: failed ? 0 : expected },
      after: failed ? 'upstream_failed' : 'success',
    });
  });

  test('a number, a list or nothing is no instant', async () => {
    for (const instant of [output('a', 'n'), output('a', 'list'), output('a', 'missing')]) {
      const dag = testDag({ a: { body: () => ({ n: 5, list: [1] }) }, wait: { call: at(instant) } });
      expect((await inVirtualTime(dag)).byId['wait']?.state).toBe('failed');
    }
  });

  test('is told to be waiting', async () => {
    const states = new Set<string | undefined>();
    await inVirtualTime(testDag({ wait: { call: at('2026-08-22T00:10:00Z') } }), {
      onProgress: (projector) => void states.add(projector.tasks()[0]?.state),
    });
    expect([...states]).toEqual(['none', 'waiting', 'success']);
  });

  test('a fact about the run is one state, too', async () => {
    const dag = testDag({ wait: { call: at(fact('interval', 'end')) } });
    expect(Object.keys(compile(dag).definition.States)).not.toContain('wait · instant');
    expect((await inVirtualTime(dag)).byId['wait']?.state).toBe('success');
  });

  test('an instant that is written down is one state', async () => {
    const dag = testDag({ wait: { call: at('2026-08-22T02:10+02:00') } });
    expect(compile(dag).definition.States['wait']).toMatchObject({
      Type: 'Wait',
      Timestamp: '2026-08-22T00:10:00.000Z',
    });
    expect((await inVirtualTime(dag)).byId['wait']).toMatchObject({ state: 'success', sec: 600 });
  });
});
