/** Builders for tests: a case of the shared format as the `DagNode`, the script and the params of its run. */

import type { Json } from '../lib/base/json.ts';
import type { Script, ScriptedTry } from '../lib/local/script.ts';
import type { DagNode, GroupNode, ParamNode } from '../lib/model/dag.ts';
import type { Operand } from '../lib/model/ref.ts';
import type { CallNode, Edge, RetryRule, TaskNode } from '../lib/model/task.ts';
import { TRIGGER_RULES, type TriggerRule } from '../lib/model/trigger-rule.ts';
import type { Case, CaseRetry, CaseTask, CaseTry } from './reference/case.ts';

export interface Built {
  readonly dag: DagNode;
  readonly script: Script;
  /** What branches and short circuits by expression look at. */
  readonly params: Readonly<Record<string, boolean>>;
}

export function build(input: Case): Built {
  const choices = input.tasks.flatMap((task) => choicesOf(task, input.tasks));
  return {
    dag: dagOf(input),
    script: Object.fromEntries(input.tasks.map((task) => [task.id, scriptOf(task)])),
    params: Object.fromEntries(choices),
  };
}

/** The DAG of a case, with everything a case does not speak of as simple as can be. */
export function dagOf(input: Case): DagNode {
  const byId = new Map(input.tasks.map((task) => [task.id, task]));
  const params = input.tasks.flatMap((task) => choicesOf(task, input.tasks)).map(([name]) => name);
  return {
    ...emptyDag(input.name),
    runState: input.runState,
    params: Object.fromEntries(params.map((name) => [name, BOOLEAN])),
    tasks: input.tasks.map((task) => nodeOf(task, byId)),
    groups: groupsOf(input.tasks),
  };
}

/** A DAG without tasks: never scheduled, defaults everywhere. */
export function emptyDag(id: string): DagNode {
  return {
    id,
    tags: [],
    schedule: { kind: 'manual' },
    catchup: false,
    maxActiveRuns: 16,
    runState: 'leaves',
    params: {},
    tasks: [],
    groups: [],
    connections: [],
  };
}

const BOOLEAN: ParamNode = { type: 'boolean', default: false };

function nodeOf(task: CaseTask, byId: ReadonlyMap<string, CaseTask>): TaskNode {
  const { id, upstream = [], retries = [], timeoutSec, kind, setups = [], failRun } = task;
  return {
    id,
    call: callOf(task, [...byId.values()]),
    upstream: upstream.map((above) => edgeOf(above, id, byId)),
    triggerRule: kind === 'teardown' ? 'all_done_setup_success' : ruleOf(task),
    retries: retries.map(retryOf),
    ...(timeoutSec === undefined ? {} : { timeout: timeoutSec }),
    ...(kind === 'teardown' ? { teardownOf: setups, failRun: failRun ?? false } : {}),
  };
}

function edgeOf(above: string, id: string, byId: ReadonlyMap<string, CaseTask>): Edge {
  return byId.get(above)?.kind === 'branch' ? { task: above, labels: [id] } : { task: above };
}

function ruleOf({ triggerRule = 'all_success' }: CaseTask): TriggerRule {
  const rule = TRIGGER_RULES.find((name) => name === triggerRule);
  if (rule === undefined) throw new Error(`no trigger rule ${triggerRule}`);
  return rule;
}

function retryOf({ on, attempts, delaySec, backoff, maxDelaySec }: CaseRetry): RetryRule {
  return {
    ...(on === undefined ? {} : { on: [on] }),
    attempts,
    ...(delaySec === undefined ? {} : { delay: delaySec }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(maxDelaySec === undefined ? {} : { maxDelay: maxDelaySec }),
  };
}

/** A brancher's labels are the ids of the tasks directly below it. */
function callOf(task: CaseTask, tasks: readonly CaseTask[]): CallNode {
  const { id, kind, expression, respectTriggerRules = false } = task;
  const condition = (label: string) => conditionOf(task, choiceName(id, label, tasks));
  if (kind === 'branch') {
    const labels = below(id, tasks);
    if (!expression) return { kind, inputs: inputsOf(task), labels };
    return { kind: 'choose', cases: labels.map((label) => ({ label, when: condition(label) })) };
  }
  if (kind === 'shortCircuit') {
    if (!expression) return { kind: 'shortCircuitFn', inputs: inputsOf(task), respectTriggerRules };
    return { kind, condition: condition(''), respectTriggerRules };
  }
  return { kind: 'fn', inputs: inputsOf(task) };
}

/** What a task that reads gets, by the ids it reads. */
function inputsOf({ reads = [] }: CaseTask): Json {
  return reads.length === 0 ? null : Object.fromEntries(reads.map((id) => [id, output(id)]));
}

/** The param, and every output read being there. */
function conditionOf({ reads = [] }: CaseTask, name: string): Operand {
  const isThere = (id: string): Operand => ({ $ref: { kind: 'call', op: 'eq', args: [output(id), id] } });
  if (reads.length === 0) return param(name);
  return { $ref: { kind: 'call', op: 'and', args: [...reads.map(isThere), param(name)] } };
}

function output(task: string) {
  return { $ref: { kind: 'output', task, path: ['deep', 'id'] } } as const;
}

function param(name: string) {
  return { $ref: { kind: 'param', name, path: [] } } as const;
}

/** Name and value of each param that an expression of the task looks at. */
function choicesOf(task: CaseTask, tasks: readonly CaseTask[]): readonly (readonly [string, boolean])[] {
  const { id, kind, expression, chooses = [], condition = true } = task;
  if (!expression) return [];
  if (kind === 'shortCircuit') return [[choiceName(id, '', tasks), condition]];
  return below(id, tasks).map((label) => [choiceName(id, label, tasks), chooses.includes(label)]);
}

/** By position: ids may hold characters that a param's name may not. */
function choiceName(id: string, label: string, tasks: readonly CaseTask[]): string {
  const at = (wanted: string) => tasks.findIndex((task) => task.id === wanted);
  return label === '' ? `go_${at(id)}` : `go_${at(id)}_${at(label)}`;
}

function below(id: string, tasks: readonly CaseTask[]): readonly string[] {
  return tasks.filter(({ upstream = [] }) => upstream.includes(id)).map((task) => task.id);
}

function groupsOf(tasks: readonly CaseTask[]): readonly GroupNode[] {
  const ids = new Set<string>();
  for (const { group } of tasks) {
    const names = group?.split('.') ?? [];
    for (const depth of names.keys()) ids.add(names.slice(0, depth + 1).join('.'));
  }
  return [...ids]
    .sort((a, b) => a.length - b.length)
    .map((id) => ({ id, tasks: tasks.filter(({ group }) => group === id).map((task) => task.id) }));
}

function scriptOf(task: CaseTask): readonly ScriptedTry[] {
  const { id, kind, chooses = [], condition = true, tries } = task;
  const found = kind === 'branch' ? { labels: chooses } : kind === 'shortCircuit' ? { pass: condition } : {};
  return (tries ?? [{ outcome: task.outcome ?? 'success', durationSec: task.durationSec ?? 1 }]).map(
    (one: CaseTry) => ({ ...one, ...found, output: { deep: { id } } }),
  );
}
