/** What a DAG's function is sent: a task's try by its machine, or what is to be cancelled by Core. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { TaskError } from '../../base/task-error.ts';
import type { CancelJobs } from '../../deployment/events.ts';
import type { TaskEvent } from '../../model/run-input.ts';

/** One field's rule. */
interface Rule {
  readonly is: (value: Json) => boolean;
  readonly must: string;
  /** May be left out. */
  readonly optional?: true;
}

type Rules = Readonly<Record<string, Rule>>;

/**
 * @param dagId of the DAG whose function this is
 * @throws {TaskError} `Dag.UnknownCall` where it is neither, or of another DAG
 */
export function checkedEvent(dagId: string, sent: unknown): TaskEvent | CancelJobs {
  const event = isObject(sent) ? sent : {};
  if (!isObject(sent)) throw unknown(dagId, '', 'must be an object', sent as Json);
  if (event['kind'] === 'cancel') {
    check(dagId, '', event, CANCEL);
    checkDag(dagId, 'dagId', event['dagId']);
    // Checked field by field, which the type of an object of JSON does not show.
    return event as unknown as CancelJobs;
  }
  check(dagId, '', event, TASK);
  const execution = inside(event, 'execution');
  check(dagId, 'execution.', execution, EXECUTION);
  check(dagId, 'execution.run.', inside(execution, 'run'), RUN);
  check(dagId, 'execution.run.interval.', inside(inside(execution, 'run'), 'interval'), INTERVAL);
  if (isObject(execution['rerun'])) check(dagId, 'execution.rerun.', execution['rerun'], RERUN);
  if (isObject(event['poke'])) check(dagId, 'poke.', event['poke'], POKE);
  checkDag(dagId, 'execution.run.dagId', inside(execution, 'run')['dagId']);
  return event as TaskEvent;
}

const TEXT: Rule = { is: (value) => typeof value === 'string' && value !== '', must: 'must be text' };
const OBJECT: Rule = { is: isObject, must: 'must be an object' };
const TEXTS: Rule = {
  is: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  must: 'must be a list of texts',
};
const FLAG: Rule = { is: (value) => typeof value === 'boolean', must: 'must be true or false' };
const COUNT: Rule = { is: (value) => wholeFrom(1, value), must: 'must be a whole number from 1' };
const INSTANT: Rule = {
  is: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  must: 'must be an instant in ISO 8601',
};
const NUMBER_TEXT: Rule = {
  is: (value) => typeof value === 'string' && /^\d+$/.test(value),
  must: 'must be a whole number as text',
};

const TASK: Rules = {
  task: TEXT,
  execution: OBJECT,
  try: COUNT,
  instance: optional({
    is: (value) => typeof value === 'string' && /^\d+(\.\d+)*$/.test(value),
    must: 'must be counters, "3" or "2.0"',
  }),
  mapIndex: optional({ is: (value) => wholeFrom(0, value), must: 'must be a whole number from 0' }),
  since: optional(INSTANT),
  poke: optional(OBJECT),
  token: optional(TEXT),
  args: optional(OBJECT),
  want: optional(TEXTS),
  inline: optional(TEXTS),
  record: optional(FLAG),
};

const EXECUTION: Rules = { run: OBJECT, params: OBJECT, rerun: optional(OBJECT) };

const RUN: Rules = {
  id: TEXT,
  dagId: TEXT,
  attempt: NUMBER_TEXT,
  logicalDate: INSTANT,
  interval: OBJECT,
  table: TEXT,
  expires: NUMBER_TEXT,
};

const INTERVAL: Rules = { start: INSTANT, end: INSTANT, date: TEXT };

const RERUN: Rules = { tasks: TEXTS, data: OBJECT, outputs: OBJECT };

const POKE: Rules = {
  timeout: { is: (value) => typeof value === 'number' && value >= 0, must: 'must be seconds from 0' },
  softFail: FLAG,
};

const CANCEL: Rules = {
  dagId: TEXT,
  runId: TEXT,
  attempt: COUNT,
  cause: { is: (value) => typeof value === 'string', must: 'must be text' },
};

function optional(rule: Rule): Rule {
  return { ...rule, optional: true };
}

function wholeFrom(least: number, value: Json): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least;
}

function inside(value: JsonObject, name: string): JsonObject {
  const found = value[name];
  return isObject(found) ? found : {};
}

function check(dagId: string, place: string, value: JsonObject, rules: Rules): void {
  for (const [name, { is, must, optional: mayMiss }] of Object.entries(rules)) {
    const got = value[name];
    if (got === undefined ? mayMiss : is(got)) continue;
    throw unknown(dagId, `${place}${name}`, must, got);
  }
}

function checkDag(dagId: string, path: string, got: Json | undefined): void {
  if (got !== dagId) throw unknown(dagId, path, `must be "${dagId}", whose function this is`, got);
}

function unknown(dagId: string, path: string, must: string, got: Json | undefined): TaskError {
  const value = got === undefined ? 'nothing' : (JSON.stringify(got)?.slice(0, 200) ?? String(got));
  const where = path === '' ? 'event' : `event › ${path}`;
  const remedy = "send what the DAG's state machine sends: a task's event, or { kind: 'cancel', … }";
  return new TaskError('Dag.UnknownCall', `dag "${dagId}" › ${where}: ${must}, got ${value}; ${remedy}`);
}
