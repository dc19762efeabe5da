/** Modules as the rules see them that are not about them. */
import { describe, expect, test } from 'vitest';
import { checkDag } from '../../../lib/compiler/check-dag.ts';
import { allDoneLeafHidesFailures } from '../../../lib/compiler/rules/all-done-leaf-hides-failures.ts';
import { branchJoin } from '../../../lib/compiler/rules/branch-join.ts';
import { cycle } from '../../../lib/compiler/rules/cycle.ts';
import { duplicateTaskId } from '../../../lib/compiler/rules/duplicate-task-id.ts';
import { refIntoSkippable } from '../../../lib/compiler/rules/ref-into-skippable.ts';
import { refNotUpstream } from '../../../lib/compiler/rules/ref-not-upstream.ts';
import { retries } from '../../../lib/compiler/rules/retries.ts';
import { teardown } from '../../../lib/compiler/rules/teardown.ts';
import { timeouts } from '../../../lib/compiler/rules/timeouts.ts';
import { triggerRule } from '../../../lib/compiler/rules/trigger-rule.ts';
import { unknownLabel } from '../../../lib/compiler/rules/unknown-label.ts';
import { unknownUpstream } from '../../../lib/compiler/rules/unknown-upstream.ts';
import { unsatisfiableTriggerRule } from '../../../lib/compiler/rules/unsatisfiable-trigger-rule.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import {
  choose,
  loopOf,
  MAP,
  node,
  outputOf,
  QUERY,
  RETRY,
  reading,
  sales,
  told,
  unit,
  untyped,
} from './graphs.ts';

describe('a cycle', () => {
  test('is looked for among units: a module waits, and is waited for, as one', () => {
    const groups = [unit('g', RETRY)];
    const tasks = [node('g.a'), node('b', { after: ['g.a'] }), node('g.c', { after: ['b'] })];
    expect(told(cycle, sales(tasks, { groups }))).toMatchInlineSnapshot(`
      [
        "dag "sales": tasks must not wait for each other, got g → b → g; remove one of these edges, such as b → g; what runs several times waits, and is waited for, as a whole",
      ]
    `);
    expect(told(cycle, sales(tasks, { groups: [{ id: 'g', tasks: ['g.a', 'g.c'] }] }))).toEqual([]);
  });

  test('is one through the module around, or what is in it', () => {
    const groups = [unit('g', RETRY, { after: ['g.a'] }), unit('h', MAP, { after: ['h'] })];
    const tasks = [node('g.a'), node('g.b', { after: ['g'] }), node('h.c')];
    expect(told(cycle, sales(tasks, { groups }))).toMatchInlineSnapshot(`
      [
        "dag "sales": must not wait for what it is a part of, got g → g.b; remove this edge",
        "dag "sales": must not wait for what is a part of it, got g.a → g; remove this edge",
        "dag "sales": tasks must not wait for each other, got h → h; remove "h" from its own upstream",
      ]
    `);
  });

  test('is found inside a module', () => {
    const tasks = [node('g.a', { after: ['g.b'] }), node('g.b', { after: ['g.a'] })];
    expect(told(cycle, sales(tasks, { groups: [unit('g', MAP)] }))).toMatchInlineSnapshot(`
      [
        "dag "sales": tasks must not wait for each other, got g.a → g.b → g.a; remove one of these edges, such as g.b → g.a",
      ]
    `);
  });
});

describe('a Ref', () => {
  const groups = [unit('days', MAP), unit('pages', loopOf('pages'), { after: ['days'] })];

  test('reads across borders, both ways, and the last iteration by the loop', () => {
    const tasks = [
      node('start'),
      node('days.a', { call: reading('start') }),
      node('days.b', { call: reading('days.a'), after: ['days.a'] }),
      node('pages.turn'),
      node('load', { map: { items: outputOf('days.a') }, call: reading('start'), after: ['days'] }),
      node('end', { call: reading('pages'), after: ['pages'] }),
    ];
    expect(told(refNotUpstream, sales(tasks, { groups }))).toEqual([]);
  });

  test('reads a task above, not beside, and never the whole from inside', () => {
    const tasks = [
      node('days.a'),
      node('days.b', { call: reading('days.a') }),
      node('days.c', { call: reading('days') }),
      node('pages.turn', { call: reading('gone') }),
      node('load', { map: { items: outputOf('load'), label: { $ref: { kind: 'run', path: ['x'] } } } }),
      node('end', { call: reading('pages') }),
    ];
    expect(told(refNotUpstream, sales(tasks, { groups }))).toMatchInlineSnapshot(`
      [
        "dag "sales" › task "load" › items: must not read its own output, which is there when the task has ended; read a task above it",
        "dag "sales" › task "load" › label: must read a fact about the run, got "x"; there is id, dagId, attempt, logicalDate, interval, interval.start, interval.end, interval.date",
        "dag "sales" › task "end" › inputs.rows: must read the output of a task above it, got "pages"; add it: { after: pages }",
        "dag "sales" › task "days.b" › inputs.rows: must read the output of a task above it, got "days.a"; add it: { after: days.a }",
        "dag "sales" › task "days.c" › inputs.rows: must not read what it is a part of, got "days"; read a task above it",
        "dag "sales" › task "pages.turn" › inputs.rows: must read the output of a task of this DAG, got "gone"; read a task of this DAG: a value of another one goes through a table or a file",
      ]
    `);
  });

  test('into what may be left out is told inside a module, and of the module as a whole', () => {
    const units = [unit('g', RETRY, { after: ['some'] }), unit('h', RETRY)];
    const tasks = [
      node('some', { call: { kind: 'shortCircuit', condition: true, respectTriggerRules: true } }),
      node('a', { after: ['some'] }),
      node('h.b', { after: ['a'], call: reading('a') }),
      node('h.c', { after: ['h.b'], triggerRule: 'all_done', call: reading('h.b') }),
    ];
    const [g, h] = units;
    const open = h?.module && { ...h, module: { ...h.module, triggerRule: 'none_failed' as const } };
    expect(
      told(refIntoSkippable, sales(tasks, { groups: [g, open].flatMap((one) => one ?? []) })),
    ).toMatchInlineSnapshot(`
      [
        "dag "sales" › task "h.b" › inputs.rows: must be there when the task runs, but "a" may have been skipped when "h" (none_failed) runs; write orElse(ref, default), or choose another trigger rule",
        "dag "sales" › task "h.c" › inputs.rows: must be there when the task runs, but "h.b" may have failed when "h.c" (all_done) runs; write orElse(ref, default), or choose another trigger rule",
      ]
    `);
  });
});

describe('a branch', () => {
  const size = node('g.size', { call: choose('big', 'small') });

  test('is not followed out of its module by a label, but into one', () => {
    const groups = [unit('g', RETRY), unit('g.in', MAP)];
    const big = [{ task: 'g.size', labels: ['big'] }];
    const tasks = [size, node('g.in.a', { after: big }), node('end', { after: big })];
    expect(told(unknownLabel, sales(tasks, { groups }))).toMatchInlineSnapshot(`
      [
        "dag "sales" › task "end" › after: must follow labels of a branch beside it, got one of "g.size" inside "g", whose runs choose for themselves; depend on the whole: { after: g }, or branch outside over its output",
      ]
    `);
  });

  test('is joined inside its module by the same rules', () => {
    const tasks = [
      size,
      node('g.a', { after: [{ task: 'g.size', labels: ['big'] }] }),
      node('g.b', { after: [{ task: 'g.size', labels: ['small'] }] }),
      node('g.end', { after: ['g.a', 'g.b'] }),
    ];
    expect(told(branchJoin, sales(tasks, { groups: [unit('g', RETRY)] }))).toHaveLength(1);
  });
});

test('trigger rules are judged inside modules and of them', () => {
  const call = QUERY;
  const [g] = [unit('g', RETRY, { after: ['a'] })];
  const groups = g?.module ? [{ ...g, module: { ...g.module, triggerRule: 'all_skipped' as const } }] : [];
  const tasks = [
    node('a', { call }),
    node('g.b', { call }),
    node('g.c', { call, after: ['g.b'], triggerRule: 'all_skipped' }),
  ];
  expect(told(unsatisfiableTriggerRule, sales(tasks, { groups }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › group "g" › triggerRule: must be a rule that can hold, got "all_skipped" although "a" is never skipped; choose another rule, or depend on tasks that a branch can leave out",
      "dag "sales" › task "g.c" › triggerRule: must be a rule that can hold, got "all_skipped" although "g.b" is never skipped; choose another rule, or depend on tasks that a branch can leave out",
    ]
  `);
  expect(
    told(
      triggerRule,
      sales(tasks, { groups: untyped([{ ...g, module: { ...g?.module, triggerRule: 'all_don' } }]) }),
    ),
  ).toMatchInlineSnapshot(`
    [
      "dag "sales" › group "g" › triggerRule: must be a trigger rule, got "all_don"; did you mean "all_done"?",
    ]
  `);
});

test('a leaf that hides failures is told in a module, too', () => {
  const tasks = [node('g.a'), node('g.b', { after: ['g.a'], triggerRule: 'all_done' })];
  const groups = [unit('g', RETRY)];
  expect(
    told(allDoneLeafHidesFailures, sales(tasks, { groups, runState: 'any-failed' })),
  ).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "g.b" › triggerRule: "g" is green when "g.a" fails: "g.b" (all_done) alone decides it; make it a teardown",
    ]
  `);
});

test('a teardown is beside its setup, and neither is mapped', () => {
  const down = { triggerRule: 'all_done_setup_success' as const };
  const tasks = [
    node('start'),
    node('many', { map: { items: ['a'] } }),
    node('g.start'),
    node('g.stop', { ...down, teardownOf: ['g.start'] }),
    node('g.other', { ...down, teardownOf: ['start'] }),
    node('stop', { ...down, teardownOf: ['g.start'] }),
    node('all', { ...down, teardownOf: ['many'] }),
  ];
  expect(told(teardown, sales(tasks, { groups: [unit('g', MAP)] }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "g.other" › teardownOf: must name a setup beside it, got "start" across the border of group "g", which runs several times; put both into the group, or both outside",
      "dag "sales" › task "stop" › teardownOf: must name a setup beside it, got "g.start" across the border of group "g", which runs several times; put both into the group, or both outside",
      "dag "sales" › task "all" › teardownOf: must name a setup that runs once, got "many", which is mapped; map a group with the setup, the work and the teardown: group.map(…)",
    ]
  `);
});

test('ids of modules are ids: known, and taken', () => {
  const groups = [unit('g', RETRY, { after: ['h'] })];
  const tasks = [node('g.a'), node('g'), node('end', { after: ['g'] })];
  expect(told(unknownUpstream, sales(tasks, { groups }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › group "g" › after: must name a task of this DAG, got "h"; declare that task, or remove the dependency",
    ]
  `);
  expect(told(duplicateTaskId, sales(tasks, { groups }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › group "g": must have an id of its own, got "g" twice; rename one of the two",
    ]
  `);
});

test('a group and a run retry by one rule, for whatever failed', () => {
  const groups = [unit('g', { kind: 'retry', retries: { on: ['Throttled'], attempts: -1 } })];
  const dag = sales([node('g.a')], { groups, runRetries: { attempts: 1, backoff: 0.5 } });
  expect(told(retries, dag)).toMatchInlineSnapshot(`
    [
      "dag "sales" › group "g" › retries.attempts: must be a whole number from 0 to 99999999, got -1; write how many tries may follow the first, 0 for none",
      "dag "sales" › group "g" › retries.on: must not be set on what retries as a whole, whatever failed in it, got ["Throttled"]; leave it out, or retry the tasks in it instead",
      "dag "sales" › runRetries.backoff: must be at least 1, got 0.5; write 1 for equal waits, 2 to double them",
    ]
  `);
});

test('deadlines are lengths, and an instant has no timeout', () => {
  const tasks = [
    node('a', { deadline: '6h' }),
    node('b', { deadline: untyped('soon') }),
    node('c', { call: { kind: 'at', instant: '2026-08-22T06:00:00Z' }, timeout: '1h' }),
  ];
  expect(told(timeouts, sales(tasks, { deadline: 0 }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › deadline: must be whole seconds from 1 s to 365 d after the end of the interval, got 0; write '90s', '15m', '2h', '1d' or a number of seconds",
      "dag "sales" › task "b" › deadline: must be whole seconds from 1 s to 365 d after the end of the interval, got "soon"; write '90s', '15m', '2h', '1d' or a number of seconds",
      "dag "sales" › task "c" › timeout: must not be set on sensor.at, which ends at its instant; leave it out",
    ]
  `);
});

test('broken data about modules never throws', () => {
  const group = (does: unknown) => ({
    id: 'g',
    tasks: ['g.a'],
    module: { does, upstream: [], triggerRule: 'all_success' },
  });
  const junk = [
    { groups: [null] },
    { groups: [group({ kind: 'nest' })] },
    { groups: [group({ kind: 'map' })] },
    {
      groups: [
        group({
          kind: 'loop',
          initial: { $ref: null },
          next: { $ref: {} },
          until: { $ref: { kind: 'call' } },
        }),
      ],
    },
    { groups: [group({ kind: 'retry', retries: {} })] },
    { groups: [{ ...group({ kind: 'map', items: { $ref: 1 } }), tasks: 5 }] },
    { pools: [1] },
    { runRetries: 'many' },
    { tasks: [{ ...node('g.a'), map: 5 }] },
    { tasks: [{ ...node('g.a'), map: { items: { $ref: null } }, pool: 'x' }] },
    {
      tasks: [
        node('g.a', { call: untyped({ kind: 'sensor' }) }),
        node('g.b', { call: untyped({ kind: 'approve' }) }),
      ],
    },
  ];
  const codes = junk.map((data) =>
    checkDag(untyped<DagNode>({ ...sales([node('g.a')]), ...data })).map(({ code }) => code),
  );
  expect(codes.map((list) => [...new Set(list)].join(' '))).toMatchInlineSnapshot(`
    [
      "malformed",
      "malformed",
      "malformed",
      "loops",
      "retries",
      "malformed",
      "malformed",
      "malformed",
      "malformed",
      "malformed maps",
      "malformed",
    ]
  `);
});
