/** A {@link Job} as an item of the table, and back. */
import { isObject, type JsonObject } from '../../base/json.ts';
import { type Job, type JobKey, type JobState, sortKeyOf } from './job.ts';

/** Item as DynamoDB's API writes it: `{ try: { N: '1' } }`. */
export type Item = JsonObject;

/** How long the ledger remembers a job, seconds: as long as a run is kept. */
const KEPT_SECONDS = 400 * 86_400;

export function partitionOf({ dagId, runId }: Pick<JobKey, 'dagId' | 'runId'>): string {
  return `RUN#${dagId}#${runId}`;
}

export function itemKey(key: JobKey): Item {
  return { pk: { S: partitionOf(key) }, sk: { S: sortKeyOf(key) } };
}

/** The mark that the jobs of an attempt are being cancelled. */
export function markKey(key: Pick<JobKey, 'dagId' | 'runId' | 'attempt'>): Item {
  return { pk: { S: partitionOf(key) }, sk: { S: `X#${key.attempt}` } };
}

export function expires(nowMs: number): JsonObject {
  return { N: String(Math.floor(nowMs / 1000) + KEPT_SECONDS) };
}

const TEXTS = ['engine', 'connection', 'externalId', 'output', 'outputKey', 'error', 'cause'] as const;

export function itemOf(job: Job, nowMs: number): Item {
  const { task, instance } = job.key;
  const texts = TEXTS.flatMap((name) => {
    const text = job[name];
    return text === undefined ? [] : [[name, { S: text }] as const];
  });
  return {
    ...itemKey(job.key),
    try: { N: String(job.try) },
    token: { S: job.token },
    state: { S: job.state },
    submittedAt: { S: job.submittedAt },
    task: { S: task },
    ...(instance === undefined ? {} : { instance: { S: instance } }),
    ...Object.fromEntries(texts),
    ttl: expires(nowMs),
  };
}

const STATES: readonly JobState[] = ['submitting', 'running', 'done', 'failed', 'cancelled'];

/** `at` says whose it is but for task and instance, which are in the item. */
export function jobOf(item: Item, at: Omit<JobKey, 'task' | 'instance'>): Job {
  const text = (name: string) => textOf(item, name);
  const instance = text('instance');
  const texts = TEXTS.flatMap((name) => {
    const value = text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const state = STATES.find((known) => known === text('state')) ?? 'failed';
  return {
    ...Object.fromEntries(texts),
    key: { ...at, task: text('task') ?? '', ...(instance === undefined ? {} : { instance }) },
    engine: text('engine') ?? '',
    try: numberOf(item, 'try'),
    token: text('token') ?? '',
    state,
    submittedAt: text('submittedAt') ?? '',
  };
}

export function textOf(item: Item, name: string): string | undefined {
  const field = item[name];
  return isObject(field) && typeof field['S'] === 'string' ? field['S'] : undefined;
}

function numberOf(item: Item, name: string): number {
  const field = item[name];
  return isObject(field) ? Number(field['N']) : 0;
}
