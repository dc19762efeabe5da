/** Builders for tests: a case of the shared format as the `DagNode`, the script and the params of its run. */

import type { Json, JsonObject } from '../lib/base/json.ts';
import { objectOf } from '../lib/engines/sync.ts';
import type { Script } from '../lib/local/script.ts';
import type { DagNode, ParamNode } from '../lib/model/dag.ts';
import type { Operand } from '../lib/model/ref.ts';
import { type CallNode, type Edge, FUNCTION_TIMEOUT_SECONDS, type TaskNode } from '../lib/model/task.ts';
import {
  groupsOf,
  isFound,
  isThere,
  listParams,
  mapOf,
  param,
  read,
  retryOf,
  ruleOf,
  valuesAround,
} from './build-modules.ts';
import { scriptOf } from './build-script.ts';
import type { Case, CaseTask } from './reference/case.ts';
import { commonDepth, type Nesting, nestingOf } from './reference/scope.ts';

export interface Built {
  readonly dag: DagNode;
  readonly script: Script;
  /** What branches and short circuits by expression look at, and lists. */
  readonly params: JsonObject;
}

/** `again`: tasks do what they do in a rerun. */
export function build(input: Case, again = false): Built {
  return { dag: dagOf(input), script: scriptOf(input, again), params: paramsOf(input) };
}

/** The DAG of a case, with everything a case does not speak of as simple as can be. */
export function dagOf(input: Case): DagNode {
  const nesting = nestingOf(input);
  const { pools, runRetries } = input;
  return {
    ...emptyDag(input.name),
    runState: input.runState,
    params: Object.fromEntries(Object.entries(paramsOf(input)).map(([name, value]) => [name, typeOf(value)])),
    tasks: input.tasks.map((task) => nodeOf(task, { input, nesting })),
    groups: groupsOf(input, nesting, (above, id) => edgeOf(above, id, { input, nesting })),
    ...(pools === undefined ? {} : { pools }),
    ...(runRetries === undefined ? {} : { runRetries: retryOf(runRetries) }),
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

/** When a simulated run starts. */
export const RUN_START_MS = Date.UTC(2026, 0, 2);

function typeOf(value: Json | undefined): ParamNode {
  if (Array.isArray(value)) return { type: 'array', default: [] };
  return { type: 'boolean', default: false };
}

function paramsOf(input: Case): JsonObject {
  const nesting = nestingOf(input);
  const choices = input.tasks.flatMap((task) => choicesOf(task, { input, nesting }));
  return { ...Object.fromEntries(choices), ...listParams(nesting) };
}

interface Around {
  readonly input: Case;
  readonly nesting: Nesting;
}

function nodeOf(task: CaseTask, around: Around): TaskNode {
  const { id, upstream = [], retries = [], timeoutSec, kind, setups = [], failRun, pool } = task;
  return {
    id,
    call: callOf(task, around),
    upstream: upstream.map((above) => edgeOf(above, id, around)),
    triggerRule: kind === 'teardown' ? 'all_done_setup_success' : ruleOf(task),
    retries: retries.map(retryOf),
    ...(timeoutSec === undefined ? {} : { timeout: timeoutSec }),
    ...(kind === 'teardown' ? { teardownOf: setups, failRun: failRun ?? false } : {}),
    ...(kind === 'map' ? { map: mapOf(around.nesting, id) } : {}),
    ...(pool === undefined ? {} : { pool }),
  };
}

/** A label tells a brancher's choices apart where the two stand in one scope, or the other further in. */
function edgeOf(above: string, id: string, { input, nesting }: Around): Edge {
  const brancher = input.tasks.find((task) => task.id === above)?.kind === 'branch';
  return brancher && chooses(nesting, above, id) ? { task: above, labels: [id] } : { task: above };
}

function chooses({ around }: Nesting, brancher: string, id: string): boolean {
  const path = around(brancher);
  return commonDepth(path, around(id)) === path.length;
}

/** A brancher's labels are the ids of the tasks and modules directly below it. */
function callOf(task: CaseTask, around: Around): CallNode {
  const { id, kind, expression, respectTriggerRules = false, atSec = 0 } = task;
  const condition = (label: string) => conditionOf(task, choiceName(id, label, around.input), around);
  const inputs = inputsOf(task, around);
  if (kind === 'branch') {
    const labels = below(id, around);
    if (!expression) return { kind, inputs, labels };
    return { kind: 'choose', cases: labels.map((label) => ({ label, when: condition(label) })) };
  }
  if (kind === 'shortCircuit') {
    if (!expression) return { kind: 'shortCircuitFn', inputs, respectTriggerRules };
    return { kind, condition: condition(''), respectTriggerRules };
  }
  if (kind === 'at') return { kind, instant: new Date(RUN_START_MS + atSec * 1000).toISOString() };
  if (kind === 'approve')
    return { kind, message: 'go on?', choices: ['approve', 'reject'], rejects: ['reject'] };
  return kind === 'sensor' ? sensorOf(task, inputs) : workOf(task, inputs);
}

/** An engine, or a function; no function may take longer than a quarter of an hour. */
function workOf({ engine, timeoutSec = 0 }: CaseTask, inputs: Json): CallNode {
  if (engine) return engineCall(inputs);
  if (timeoutSec <= FUNCTION_TIMEOUT_SECONDS) return { kind: 'fn', inputs };
  return { kind: 'engine', engine: 'athena.query', args: objectOf(inputs) };
}

/** A machine that is somebody else's; its output is what the task gives. */
function engineCall(input: Json): CallNode {
  const stateMachineArn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:somebodys';
  const args = { stateMachineArn, ...(input === null ? {} : { input }) };
  return { kind: 'engine', engine: 'stepFunctions.startExecution', args };
}

function sensorOf({ poke }: CaseTask, args: Json): CallNode {
  if (poke === undefined) throw new Error('a sensor without poke');
  const { everySec, backoff, maxEverySec, timeoutSec, softFail } = poke;
  const longest = maxEverySec === undefined ? {} : { maxPokeEvery: maxEverySec };
  return {
    kind: 'sensor',
    sensor: 'fn',
    args,
    poke: { pokeEvery: everySec, backoff, ...longest, timeout: timeoutSec, softFail },
  };
}

/** What a task that reads gets, by the ids it reads. */
function inputsOf(task: CaseTask, { nesting }: Around): Json {
  const { id, reads = [], around } = task;
  const outputs = reads.map((above) => [above, read(nesting, id, above)] as const);
  const given = around ? valuesAround(nesting, id) : [];
  return outputs.length + given.length === 0 ? null : Object.fromEntries([...outputs, ...given]);
}

/** The param, and every output read being there. */
function conditionOf({ id, reads = [], around }: CaseTask, name: string, { nesting }: Around): Operand {
  const found = [
    ...reads.map((above) => isFound(read(nesting, id, above))),
    ...(around ? valuesAround(nesting, id).map(([, value]) => isThere(value)) : []),
  ];
  if (found.length === 0) return param(name);
  return { $ref: { kind: 'call', op: 'and', args: [...found, param(name)] } };
}

/** Name and value of each param that an expression of the task looks at. */
function choicesOf(task: CaseTask, around: Around): readonly (readonly [string, boolean])[] {
  const { id, kind, expression, chooses: chosen = [], condition = true } = task;
  if (!expression) return [];
  if (kind === 'shortCircuit') return [[choiceName(id, '', around.input), condition]];
  return below(id, around).map((label) => [choiceName(id, label, around.input), chosen.includes(label)]);
}

/** By position: ids may hold characters that a param's name may not. */
function choiceName(id: string, label: string, { tasks, modules = [] }: Case): string {
  const at = (wanted: string) => [...tasks, ...modules].findIndex((each) => each.id === wanted);
  return label === '' ? `go_${at(id)}` : `go_${at(id)}_${at(label)}`;
}

/** What stands directly below a task, and may be chosen by it. */
function below(id: string, { input, nesting }: Around): readonly string[] {
  const modules = (input.modules ?? []).filter(({ kind }) => kind !== 'group');
  return [...input.tasks, ...modules]
    .filter(({ upstream = [] }) => upstream.includes(id))
    .map((each) => each.id)
    .filter((each) => chooses(nesting, id, each));
}
