import type { Problem } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { DagNode } from '../../model/dag.ts';
import { shown } from './rule.ts';

type Fits = (value: unknown) => boolean;

/** One field: what it must be, in words and as a test, and what stands in for it where it is not. */
interface Field {
  readonly must: string;
  readonly fits: Fits;
  /** Absent: the field is left out. */
  readonly instead?: Json;
}

const isString: Fits = (value) => typeof value === 'string';
const isList: Fits = Array.isArray;
const isStrings: Fits = (value) => Array.isArray(value) && value.every(isString);
const optional =
  (fits: Fits): Fits =>
  (value) =>
    value === undefined || fits(value);

const OF_DAG = Object.entries<Field>({
  id: { must: 'text', fits: isString, instead: 'unnamed' },
  schedule: {
    must: 'a schedule: manual, cron, every, dates, union, once or continuous',
    fits: isSchedule,
    instead: { kind: 'manual' },
  },
  params: {
    must: 'an object of schemas',
    fits: (value) => isObject(value) && Object.values(value).every(isObject),
    instead: {},
  },
  tasks: { must: 'a list of tasks', fits: isList, instead: [] },
  groups: {
    must: 'a list of groups: { id, tasks, module }',
    fits: (value) => Array.isArray(value) && value.every(isGroup),
    instead: [],
  },
  pools: {
    must: 'a list of { name, slots }',
    fits: optional((value) => Array.isArray(value) && value.every(isPool)),
  },
  runRetries: { must: 'a retry rule', fits: optional(isObject) },
  callbacks: { must: 'lists of names of notifiers: { onFailure: ["oncall"] }', fits: optional(isCallbacks) },
  connections: {
    must: 'a list of { name, kind }',
    fits: (value) => Array.isArray(value) && value.every(isConnection),
    instead: [],
  },
  runState: {
    must: '"leaves" or "any-failed"',
    fits: (value) => value === 'leaves' || value === 'any-failed',
    instead: 'leaves',
  },
});

const OF_TASK = Object.entries<Field>({
  call: { must: 'a call: { kind: "fn", … }', fits: isCall, instead: { kind: 'fn', inputs: null } },
  upstream: {
    must: 'a list of { task, labels }',
    fits: isEdges,
    instead: [],
  },
  triggerRule: { must: 'text', fits: isString, instead: 'all_success' },
  retries: {
    must: 'a list of retry rules',
    fits: (value) => Array.isArray(value) && value.every(isObject),
    instead: [],
  },
  teardownOf: { must: 'a list of ids', fits: optional(isStrings), instead: [] },
  map: { must: 'a map: { items, … }', fits: optional(isMap) },
  pool: { must: '{ name, slots }', fits: optional(isPool) },
  callbacks: { must: 'lists of names of notifiers: { onFailure: ["oncall"] }', fits: optional(isCallbacks) },
});

const OF_CALL: Kinds = {
  fn: () => true,
  branch: ({ labels }) => isStrings(labels),
  choose: ({ cases, otherwise }) =>
    Array.isArray(cases) &&
    cases.every((item) => isObject(item) && isString(item['label'])) &&
    optional(isString)(otherwise),
  shortCircuitFn: () => true,
  shortCircuit: () => true,
  engine: ({ engine, args, connection }) =>
    isString(engine) && isObject(args) && optional(isString)(connection),
  sensor: ({ sensor, poke, connection }) =>
    isString(sensor) && isObject(poke) && optional(isString)(connection),
  at: () => true,
  approve: ({ choices, rejects }) => isStrings(choices) && isStrings(rejects),
};

const OF_SCHEDULE: Kinds = {
  manual: () => true,
  every: () => true,
  once: () => true,
  continuous: () => true,
  cron: ({ expression, timezone, dst }) =>
    isString(expression) && isString(timezone) && optional(isObject)(dst),
  dates: ({ dates, timezone }) => isStrings(dates) && isString(timezone),
  union: ({ of }) => Array.isArray(of) && of.every(isSchedule),
};

const OF_MODULE: Kinds = {
  retry: ({ retries }) => isObject(retries),
  map: isMap,
  loop: ({ initial, next, until }) => [initial, next, until].every((part) => part !== undefined),
};

/** Imported data is a DAG at all: each field of the type the other rules rely on. */
export function malformed(dag: DagNode): readonly Problem[] {
  return read(dag).problems;
}

/** The DAG with what is malformed left out, so that the other rules can say what they find; itself where nothing is. */
export function repaired(dag: DagNode): DagNode {
  const { fixed, problems } = read(dag);
  return problems.length > 0 && isDag(fixed) ? fixed : dag;
}

function isDag(value: unknown): value is DagNode {
  return read(value).problems.length === 0;
}

interface Reading {
  readonly fixed: JsonObject;
  readonly problems: readonly Problem[];
}

function read(data: unknown): Reading {
  if (!isObject(data)) return { fixed: read({}).fixed, problems: [problem('dag', 'an object', data)] };
  const path = `dag "${isString(data['id']) ? data['id'] : '?'}"`;
  const dag = fieldsOf(data, OF_DAG, path);
  const tasks = Array.isArray(dag.fixed['tasks'])
    ? dag.fixed['tasks'].map((task: Json, index) => taskOf(task, path, index))
    : [];
  const problems = tasks.flatMap((task) => task.problems);
  if (problems.length === 0) return dag;
  const sound = tasks.flatMap((task): readonly JsonObject[] =>
    task.fixed === undefined ? [] : [task.fixed],
  );
  const fixed = { ...dag.fixed, tasks: sound };
  return { fixed, problems: [...dag.problems, ...problems] };
}

function taskOf(task: unknown, path: string, index: number): Partial<Reading> & Pick<Reading, 'problems'> {
  if (!isObject(task) || !isString(task['id']))
    return { problems: [problem(`${path} › tasks[${index}]`, 'a task with an id', task)] };
  return fieldsOf(task, OF_TASK, `${path} › task "${task['id']}"`);
}

function fieldsOf(data: JsonObject, fields: readonly (readonly [string, Field])[], path: string): Reading {
  const wrong = fields.filter(([name, { fits }]) => !fits(data[name]));
  if (wrong.length === 0) return { fixed: data, problems: [] };
  const problems = wrong.map(([name, { must }]) => problem(`${path} › ${name}`, must, data[name]));
  const instead = Object.fromEntries(wrong.map(([name, field]) => [name, field.instead]));
  return { fixed: { ...data, ...instead }, problems };
}

function problem(path: string, must: string, got: unknown): Problem {
  return {
    code: 'malformed',
    path,
    message: `must be ${must}, got ${got === undefined ? 'nothing' : shown(got)}`,
  };
}

function isSchedule(value: unknown): boolean {
  return isOfKind(OF_SCHEDULE, value);
}

function isConnection(value: unknown): boolean {
  return isObject(value) && isString(value['name']) && isString(value['kind']);
}

function isPool(value: unknown): boolean {
  return isObject(value) && isString(value['name']);
}

function isCallbacks(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isStrings);
}

function isMap(value: unknown): boolean {
  return isObject(value) && value['items'] !== undefined;
}

function isGroup(value: unknown): boolean {
  return (
    isObject(value) &&
    isString(value['id']) &&
    isStrings(value['tasks']) &&
    optional(isModule)(value['module'])
  );
}

function isModule(value: unknown): boolean {
  return (
    isObject(value) &&
    isOfKind(OF_MODULE, value['does']) &&
    isEdges(value['upstream']) &&
    isString(value['triggerRule'])
  );
}

function isEdges(value: unknown): boolean {
  return Array.isArray(value) && value.every(isEdge);
}

function isEdge(value: unknown): boolean {
  return isObject(value) && isString(value['task']) && optional(isStrings)(value['labels']);
}

function isCall(value: unknown): boolean {
  return isOfKind(OF_CALL, value);
}

type Kinds = Readonly<Record<string, (value: JsonObject) => boolean>>;

function isOfKind(kinds: Kinds, value: unknown): boolean {
  if (!isObject(value) || typeof value['kind'] !== 'string') return false;
  return Object.hasOwn(kinds, value['kind']) && kinds[value['kind']]?.(value) === true;
}
