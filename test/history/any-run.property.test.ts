/** Of any run of any DAG: what its history tells does not depend on how it is read. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { project, type RunProjection } from '../../lib/history/project.ts';
import type { RunEvent } from '../../lib/history/run-event.ts';
import { FINAL, type TaskRunState } from '../../lib/history/task-run.ts';
import { simulate } from '../../lib/local/simulate.ts';
import type { Manifest } from '../../lib/model/manifest.ts';
import { build } from '../build.ts';
import type { Case } from '../reference/case.ts';
import { anyCase } from '../reference/random/arbitrary.ts';
import { compileCase } from '../simulate-case.ts';
import { byExecution } from './machines.ts';

const { SEED } = process.env;
const OPTIONS = { numRuns: 100, seed: Number(SEED ?? 42) };

async function ran(
  input: Case,
): Promise<{ readonly manifest: Manifest; readonly events: readonly RunEvent[] }> {
  const compiled = compileCase(input);
  const { script, params } = build(input);
  const { events } = await simulate(compiled, script, { params });
  return { manifest: compiled.manifest, events };
}

test('executions may be read together or one after the other', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async (input) => {
      const { manifest, events } = await ran(input);
      expect(project(manifest, byExecution(events))).toStrictEqual(project(manifest, events));
    }),
    OPTIONS,
  );
});

test('what was told as final stays so', { timeout: 120_000 }, async () => {
  const moments = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(anyCase, moments, async (input, parts) => {
      const { manifest, events } = await ran(input);
      const end = statesIn(project(manifest, events));
      for (const part of parts) {
        const seen = statesIn(project(manifest, events.slice(0, Math.floor(events.length * part))));
        const final = [...seen].filter(([, state]) => FINAL.has(state));
        expect(Object.fromEntries(final.map(([id]) => [id, end.get(id)]))).toStrictEqual(
          Object.fromEntries(final),
        );
      }
    }),
    OPTIONS,
  );
});

/** By task, and by task and instance where it has some. */
function statesIn({ tasks }: RunProjection): ReadonlyMap<string, TaskRunState> {
  return new Map(
    tasks.flatMap(({ id, state, instances }) =>
      instances === undefined
        ? [[id, state] as const]
        : instances.map((run) => [`${id}[${run.instance}]`, run.state] as const),
    ),
  );
}
