/** DAGs with bodies, without the DSL: what a run here gets. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { keepBodies, type TaskBody } from '../../lib/model/bodies.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { type Expression, expressionsIn } from '../../lib/model/ref.ts';
import type { CallNode, TaskNode } from '../../lib/model/task.ts';
import { emptyDag } from '../build.ts';

export interface TestTask extends Partial<Omit<TaskNode, 'upstream'>> {
  /** Of a function; its inputs are `inputs`. */
  readonly body?: TaskBody;
  readonly inputs?: unknown;
  /** Beside the tasks its inputs or arguments refer to. */
  readonly after?: readonly string[];
}

/** A DAG whose tasks are functions, or what their `call` says. */
export function testDag(tasks: Readonly<Record<string, TestTask>>, options: Partial<DagNode> = {}): DagNode {
  const dag: DagNode = {
    ...emptyDag('test'),
    tasks: Object.entries(tasks).map(([id, task]) => nodeOf(id, task)),
    ...options,
  };
  const bodies = Object.entries(tasks).flatMap(([id, { body }]) =>
    body === undefined ? [] : [[id, body] as const],
  );
  keepBodies(dag, new Map(bodies));
  return dag;
}

/** A value of another task's output. */
export function output(task: string, ...path: readonly (string | number)[]): { readonly $ref: Expression } {
  return { $ref: { kind: 'output', task, path } };
}

/** A param of the run. */
export function param(name: string): { readonly $ref: Expression } {
  return { $ref: { kind: 'param', name, path: [] } };
}

/** A fact about the run. */
export function fact(...path: readonly string[]): { readonly $ref: Expression } {
  return { $ref: { kind: 'run', path } };
}

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-local-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file of JSON lines, parsed. */
export function jsonLines(file: string): readonly Record<string, unknown>[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

function nodeOf(id: string, { body: _, inputs = null, after = [], call, ...task }: TestTask): TaskNode {
  const node: CallNode = call ?? { kind: 'fn', inputs: inputs as never };
  const named = expressionsIn(node).flatMap((found) => (found.kind === 'output' ? [found.task] : []));
  const upstream = [...new Set([...after, ...named])].map((above) => ({ task: above }));
  return { id, call: node, upstream, triggerRule: 'all_success', retries: [], ...task };
}
