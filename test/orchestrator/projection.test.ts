/** What the ledger keeps of an execution, at any moment and at its end. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../lib/base/random.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { Projector } from '../../lib/history/project.ts';
import { recordedRun } from '../../lib/history/recorded-run.ts';
import { rerunOf } from '../../lib/history/rerun.ts';
import type { RunEvent } from '../../lib/history/run-event.ts';
import { FINAL } from '../../lib/history/task-run.ts';
import { dag, fn, gt } from '../../lib/index.ts';
import type { Script } from '../../lib/local/script.ts';
import { simulate } from '../../lib/local/simulate.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { Manifest } from '../../lib/model/manifest.ts';
import { charOf } from '../../lib/model/state-chars.ts';
import { failuresOf } from '../../lib/orchestrator/failures.ts';
import { projectionOf } from '../../lib/orchestrator/projection.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { build } from '../build.ts';
import { groupRetries, loops, mapping, nGraph, runRetries } from '../features.ts';
import { startingRun } from '../local/launched.ts';
import { anyCase } from '../reference/random/arbitrary.ts';
import { compileCase } from '../simulate-case.ts';

const { SEED } = process.env;
const OPTIONS = { numRuns: 25, seed: Number(SEED ?? 42) };

function projected(manifest: Manifest, events: readonly RunEvent[], cells = '') {
  const projector = new Projector(manifest);
  for (const event of events) projector.apply(event);
  const failures = failuresOf(manifest, projector, {});
  return { ...projectionOf({ manifest, attempt: 1, cells }, projector), ...failures };
}

async function ran(dag: DagNode, script: Script, more: Parameters<typeof simulate>[2] = {}) {
  const compiled = compile(dag, more.rerun === undefined ? {} : { rerun: true });
  const { events } = await simulate(compiled, script, more);
  return { manifest: compiled.manifest, events, ...projected(compiled.manifest, events) };
}

function brief({ rows }: Pick<ReturnType<typeof projected>, 'rows'>) {
  return rows.map(({ task, instance, state, tries }) =>
    [instance === undefined ? task : `${task}[${instance}]`, state, ...tries.map((each) => each.state)].join(
      ' ',
    ),
  );
}

test('of any run, at any moment: told twice it is the same, and what is told stays', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      anyCase,
      fc.integer().map((seed) => Array.from({ length: 3 }, seededRandom(seed))),
      async (input, parts) => {
        const { manifest, ...compiled } = compileCase(input);
        const { script, params } = build(input);
        const { events } = await simulate({ ...compiled, manifest }, script, { params });
        const store = memoryStore();
        const run = { ...startingRun(nGraph), dagId: 'any' };
        await store.runs.create(run);
        const key = { dagId: 'any', runId: run.id };
        for (const part of parts.toSorted((a, b) => a - b)) {
          await store.taskRuns.put(
            key,
            projected(manifest, events.slice(0, Math.floor(part * events.length))).rows,
          );
        }
        const end = projected(manifest, events);
        await store.taskRuns.put(key, end.rows);
        await store.taskRuns.put(key, end.rows);
        const kept = await store.taskRuns.list(key);
        // Nothing that was told on the way is there but as it ended.
        expect(kept.toSorted(byKey)).toEqual([...end.rows].toSorted(byKey));
        expect(end.cells).toHaveLength(manifest.tasks.length);
        const whole = new Map(
          end.rows.filter(({ instance }) => instance === undefined).map((row) => [row.task, row.state]),
        );
        expect(end.cells).toBe(manifest.tasks.map(({ id }) => charOf(whole.get(id) ?? 'none')).join(''));
        expect([...whole.values()].filter((state) => !FINAL.has(state))).toEqual([]);
        expect(whole.size).toBe(manifest.tasks.length);
      },
    ),
    OPTIONS,
  );
});

function byKey(a: { task: string; instance?: string }, b: { task: string; instance?: string }): number {
  return `${a.task}#${a.instance ?? ''}` < `${b.task}#${b.instance ?? ''}` ? -1 : 1;
}

describe('rows and cells', () => {
  test('of maps: the whole first, then each instance with its tries', async () => {
    const run = await ran(mapping, {
      'regions@1': [{ outcome: 'failed' }, {}],
      listed: [{ output: { files: ['x', 'y'], rows: 1 } }],
    });
    expect(brief(run)).toEqual([
      'regions success',
      'regions[0] success success',
      'regions[1] success failed success',
      'listed success success',
      'loaded success',
      'loaded[0] success success',
      'loaded[1] success success',
      'sum success success',
    ]);
    expect(run.rows[0]).toMatchObject({ items: 2, tries: [] });
    expect(run.rows.at(5)).toMatchObject({ mapIndex: 0, label: 'x' });
    expect(run.cells).toBe('ssss');
  });

  test('of a group that is tried again: every try, of which the last counts', async () => {
    const run = await ran(groupRetries, {
      'load.check@1': [{ outcome: 'failed', error: 'Early' }],
      'load.check': [{ outcome: 'failed', error: 'Late' }],
    });
    expect(brief(run).filter((line) => line.startsWith('load.check'))).toEqual([
      'load.check failed',
      'load.check[1] failed failed',
      'load.check[2] failed failed',
      'load.check[3] failed failed',
    ]);
    expect(run).toMatchObject({
      cells: 'ssssfu',
      error: 'Late',
      failed: [{ task: 'load.check', instance: '3', try: 1, error: 'Late' }],
    });
  });

  test('of a run that is tried again as a whole', async () => {
    const run = await ran(runRetries, { 'b@1': [{ outcome: 'failed' }] });
    expect(brief(run)).toEqual([
      'a success',
      'a[1] success success',
      'a[2] success success',
      'b success',
      'b[1] failed failed',
      'b[2] success success',
    ]);
    expect(run.cells).toBe('ss');
    expect(run.failed).toBeUndefined();
  });

  test('of a loop whose condition never held: the loop has failed the run', async () => {
    const run = await ran(loops, { 'pages.fetch': [{ output: { rows: 0, next: '' } }] });
    expect(run).toMatchObject({
      error: 'Dag.LoopLimit',
      failed: [{ task: 'pages', error: 'Dag.LoopLimit' }],
    });
  });

  test('of a condition that has no answer: the task that asks it has failed the run', async () => {
    const deciding = dag('d', {}, ({ task, shortCircuit }) => {
      const size = task(
        'size',
        fn((): { rows: number } => ({ rows: 1 })),
      );
      task(
        'load',
        fn(() => 1),
        { after: shortCircuit('some', gt(size.output.rows, 0)) },
      );
    });
    const run = await ran(deciding, { size: [{ output: {} }] });
    expect(run).toMatchObject({
      cells: 'sfu',
      error: 'Dag.NoAnswer',
      failed: [{ task: 'some', try: 1, error: 'Dag.NoAnswer' }],
    });
    expect(run.cause).toMatch(/^its condition must have an answer, got .*; use orElse/);
  });

  test('of some tasks of a run: the others keep what they were, and have no rows', async () => {
    const first = await ran(nGraph, { d: [{ outcome: 'failed' }] });
    expect(first.cells).toBe('sssf');
    const rerun = rerunOf(nGraph, recordedRun(first.manifest, first.events), ['d']);
    const { manifest, events } = await ran(nGraph, {}, { rerun });
    const again = projected(manifest, events, 'sss-');
    expect(brief(again)).toEqual(['d success success']);
    expect(again.cells).toBe('ssss');
  });

  test.each([
    ['died', 'ExecutionFailed', 'ffu', 'Dag.RunAborted'],
    ['was stopped', 'ExecutionAborted', 'ccc', undefined],
  ] as const)('of a run that %s: what ran, and what never did', async (_, type, cells, error) => {
    const dag = { ...nGraph, tasks: nGraph.tasks.filter(({ id }) => id !== 'c') };
    const { manifest, events } = await ran(dag, {});
    const started = events.findLastIndex(
      (event) => event.type === 'TaskStarted' && event.timestampMs === events[0]?.timestampMs,
    );
    const { timestampMs = 0 } = events[started] ?? {};
    const end = {
      id: started + 2,
      previousEventId: 0,
      timestampMs: timestampMs + 500,
      type,
      details: {},
    } as const;
    const run = projected(manifest, [...events.slice(0, started + 1), end]);
    expect(run.cells).toBe(cells);
    expect(run.rows[0]?.tries).toEqual([
      {
        startMs: timestampMs,
        endMs: timestampMs + 500,
        state: type === 'ExecutionFailed' ? 'failed' : 'cancelled',
        ...(error === undefined ? {} : { error }),
      },
    ]);
  });
});
