/**
 * Any run: a DAG of up to 30 tasks of any shape, with every kind of task, group, rule and outcome. Upstream tasks are
 * given as distances back in the list, so a DAG stays one however fast-check shrinks it.
 */
import fc from 'fast-check';
import type { Case } from '../case.ts';
import { groupsIn, planOf, tasksOf } from './assemble.ts';
import { withLists, withReads, withRerun } from './assemble-values.ts';
import { type ModuleDraft, moduleDraft } from './draft-modules.ts';
import { type Draft, draft, look, rarely, retry } from './draft-task.ts';

/** What a case has besides its tasks. */
const extras = fc.record({
  runState: fc.constantFrom('leaves' as const, 'any-failed' as const),
  modules: fc.oneof(
    { weight: 2, arbitrary: fc.constant<ModuleDraft[]>([]) },
    { weight: 3, arbitrary: fc.array(moduleDraft, { minLength: 1, maxLength: 5 }) },
  ),
  slots: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })),
  runRetries: rarely(retry, 15),
  limits: rarely(fc.constantFrom({ inlineItems: 2 }, { tasks: 5 }, { inlineItems: 2, tasks: 5 }), 2),
  rerun: rarely(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), 4),
});

type Extras = typeof extras extends fc.Arbitrary<infer T> ? T : never;

/** Any case, `expected` left out. */
export const anyCase: fc.Arbitrary<Case> = look.chain((chosen) =>
  fc
    .record({
      besides: extras,
      drafts: fc.array(draft(chosen), { minLength: 1, maxLength: 30, size: 'max' }),
    })
    .map(({ besides, drafts }) => caseOf(drafts, besides)),
);

function caseOf(drafts: readonly Draft[], besides: Extras): Case {
  const { runState, modules, slots, runRetries, limits, rerun } = besides;
  const plan = planOf(drafts, modules);
  const pools = slots.map((count, index) => ({ name: `pool${index}`, slots: count }));
  const tasks = tasksOf(plan, pools);
  const used = pools.filter(({ name }) => tasks.some(({ pool }) => pool?.name === name));
  const { on: _any, ...runTries } = runRetries ?? { attempts: 0 };
  const bare: Case = {
    name: 'any',
    runState,
    tasks,
    ...(plan.groups.length === 0 ? {} : { modules: groupsIn(plan) }),
    ...(used.length === 0 ? {} : { pools: used }),
    ...(runRetries === undefined ? {} : { runRetries: runTries }),
    ...(limits === undefined ? {} : { limits }),
  };
  const full = withReads(withLists(bare, plan), plan);
  return rerun === undefined || runRetries !== undefined ? full : withRerun(full, plan, rerun);
}

/** {@link anyCase} where every task wants success and nothing else, as in most real DAGs: the compiler's shortest plans. */
export const plainCase: fc.Arbitrary<Case> = look.chain((chosen) =>
  fc
    .array(draft({ ...chosen, plain: true, pooled: false }), { minLength: 1, maxLength: 30, size: 'max' })
    .chain((drafts) =>
      fc.constantFrom('leaves' as const, 'any-failed' as const).map((runState) => {
        const plan = planOf(drafts, []);
        return withReads({ name: 'any', runState, tasks: tasksOf(plan, []) }, plan);
      }),
    ),
);
