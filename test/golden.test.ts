/** What every sample and every feature of the language compiles to, kept as files that a review reads. */
import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../lib/asl/check.ts';
import type { State, States } from '../lib/asl/states.ts';
import { compile } from '../lib/compiler/compile.ts';
import type { DagNode } from '../lib/model/dag.ts';
import { simulate } from '../lib/testing.ts';
import { dailySales } from '../pipelines/daily-sales.ts';
import { etlExample } from '../pipelines/etl-example.ts';
import { flights } from '../pipelines/flights.ts';
import { lateFile } from '../pipelines/late-file.ts';
import { userDataPipeline } from '../pipelines/user-data-pipeline.ts';
import * as features from './features.ts';
import * as jobFeatures from './job-features.ts';

const SAMPLES: readonly DagNode[] = [dailySales, etlExample, flights, lateFile, userDataPipeline];
const FEATURES: readonly DagNode[] = [...Object.values(features), ...Object.values(jobFeatures)];
/** Name of the file, the DAG, and whether it is its machine for reruns. */
type File = readonly [string, DagNode, { readonly rerun: boolean }];
const FILES: readonly File[] = [
  ...SAMPLES.map((dag): File => [dag.id, dag, { rerun: false }]),
  ...FEATURES.map((dag): File => [`feature-${dag.id}`, dag, { rerun: false }]),
  ...[features.nGraph, features.branching].map((dag): File => [`rerun-${dag.id}`, dag, { rerun: true }]),
];

describe.each(FILES)('%s', (name, dag, options) => {
  const { definition, manifest } = compile(dag, options);

  test('compiles to its golden machine', async () => {
    await expect(`${JSON.stringify(definition, null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.asl.json`);
  });

  test('is a machine that Step Functions accepts and that cannot misread', () => {
    expect(checkDefinition(definition)).toEqual([]);
  });

  test('compiles to the same bytes each time', () => {
    const again = compile(dag, options);
    expect(JSON.stringify([again.definition, again.manifest])).toBe(JSON.stringify([definition, manifest]));
  });

  test('has one state per task, named as the task', () => {
    const names = namesOf(definition.States);
    for (const { id } of dag.tasks) {
      expect(
        names.filter((state) => state === id),
        id,
      ).toEqual([id]);
      expect(manifest.states[id]?.task, id).toBe(id);
    }
  });

  test('says of every state what it is for', () => {
    expect(new Set(Object.keys(manifest.states))).toEqual(new Set(namesOf(definition.States)));
    const tasks = new Set(dag.tasks.map(({ id }) => id));
    for (const [state, { task }] of Object.entries(manifest.states)) {
      expect(task === undefined ? !tasks.has(state) : task === state && tasks.has(task), state).toBe(true);
    }
  });

  test('runs to a good end in virtual time when every task does', async () => {
    const output = { rows: 3, files: ['a.json', 'b.json'] };
    const script = Object.fromEntries(dag.tasks.map(({ id }) => [id, [{ output }]]));
    const rerun = options.rerun
      ? { rerun: { tasks: dag.tasks.map(({ id }) => id), data: {}, outputs: {} } }
      : {};
    const { state, tasks } = await simulate(compile(dag, options), script, rerun);
    expect(state).toBe('success');
    expect(Object.keys(tasks)).toEqual(dag.tasks.map(({ id }) => id));
  });

  test('holds nothing of this machine, clock or environment', () => {
    expect(JSON.stringify(definition)).not.toMatch(/node_modules|\/home\/|\/tmp\/|\/work\/|127\.0\.0\.1/);
  });
});

/** Names of all states, those of branches and iterations included. */
function namesOf(states: States): readonly string[] {
  return Object.entries(states).flatMap(([name, state]) => [name, ...insideOf(state).flatMap(namesOf)]);
}

function insideOf(state: State): readonly States[] {
  if (state.Type === 'Parallel') return state.Branches.map((branch) => branch.States);
  return state.Type === 'Map' ? [state.ItemProcessor.States] : [];
}
