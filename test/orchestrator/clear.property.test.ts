/**
 * What is cleared of any run, by whatever choice of its tasks, runs again as the reference says: through the store, as
 * the launcher is given it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RefusedError } from '../../lib/base/errors.ts';
import { recordedRun, topIds } from '../../lib/history/recorded-run.ts';
import { recordsKept, rerunOf, tasksOf } from '../../lib/history/rerun.ts';
import { keyOfRun } from '../../lib/model/run.ts';
import { charOf } from '../../lib/model/state-chars.ts';
import { clearRuns } from '../../lib/orchestrator/clear.ts';
import { recordEnd } from '../../lib/orchestrator/record.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { build, dagOf } from '../build.ts';
import { compiledOf } from '../compiler/problem.ts';
import type { Case } from '../reference/case.ts';
import { differences } from '../reference/compare.ts';
import { anyCase } from '../reference/random/arbitrary.ts';
import { type Judged, judge, judgeRerun } from '../simulate-case.ts';
import { PERSON, type Rig, rig } from './rig.ts';

const { SEED } = process.env;
const OPTIONS = { numRuns: 60, seed: Number(SEED ?? 42) };

/** The run of a case, as the ledger has it when it has ended. */
async function ledgerOf(input: Case, first: Judged): Promise<{ readonly made: Rig; readonly runId: string }> {
  const { manifest } = compiledOf(input);
  const made = rig('2026-01-20T12:00:00Z');
  await registerDags(made, [{ dag: dagOf(input), manifest }]);
  const { run } = await trigger(made, PERSON, { dagId: input.name, params: build(input).params });
  const recorded = recordedRun(manifest, first.events);
  const tops = [...topIds(manifest)];
  const unitOf = (task: string) => tops.find((id) => tasksOf(manifest, [id]).has(task)) ?? task;
  const cells = manifest.tasks.map(({ id }) => charOf(recorded.states.get(unitOf(id)) ?? 'none')).join('');
  const end = { ...keyOfRun(run), attempt: 1, endedAt: '2026-01-20T12:30:00Z', cells, rows: [], recorded };
  await recordEnd(made, { ...end, state: first.got.runState });
  return { made, runId: run.id };
}

interface Choice {
  readonly picks: readonly number[];
  readonly below: boolean;
  readonly onlyFailed: boolean;
}

const choice: fc.Arbitrary<Choice> = fc.record({
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  below: fc.boolean(),
  onlyFailed: fc.boolean(),
});

test('runs again as the reference says', { timeout: 120_000 }, async () => {
  let compared = 0;
  const cases = anyCase.filter(({ runRetries, pools }) => runRetries === undefined && pools === undefined);
  const property = fc.asyncProperty(cases, choice, async (any, { picks, below, onlyFailed }) => {
    // Events are kept of what is to be run again.
    const input = { ...any, rerun: any.rerun ?? [] };
    const compiled = compiledOf(input);
    const first = await judge(compiled, input);
    const { made, runId } = await ledgerOf(input, first);
    const ids = [...topIds(compiled.manifest)];
    const tasks = picks.map((pick) => `${ids[pick % ids.length]}${below ? '+' : ''}`);
    const told = await clearRuns(made, PERSON, {
      dagId: input.name,
      runs: { runId },
      tasks,
      onlyFailed,
    }).catch((error: unknown) => {
      if (error instanceof RefusedError) return undefined;
      throw error;
    });
    const start = made.starts.at(-1);
    if (told === undefined || start?.rerun === undefined) return;
    const units = start.rerun.tasks;
    const recorded = recordedRun(compiled.manifest, first.events);
    expect(start.rerun).toEqual(rerunOf(dagOf(input), recorded, units));
    expect(start.records).toEqual(recordsKept(recorded, units));
    expect(told.runs[0]?.tasks).toEqual(
      compiled.manifest.tasks.map(({ id }) => id).filter((id) => tasksOf(compiled.manifest, units).has(id)),
    );
    const again = { ...input, rerun: units };
    const { evaluation, got, wrong } = await judgeRerun(
      compiledOf(again, true),
      again,
      first,
      compiled.manifest,
    );
    expect(differences(evaluation.result, got) ?? wrong).toBeUndefined();
    compared++;
  });
  await fc.assert(property, OPTIONS);
  expect(compared).toBeGreaterThan(OPTIONS.numRuns / 4);
});
