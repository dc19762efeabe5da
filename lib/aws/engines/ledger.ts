/** The ledger of jobs in the environment's table. Every write is conditional: it may come late, or twice. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { BUSY, engineError } from './errors.ts';
import type { Job, JobEnd, JobKey, JobLedger } from './job.ts';
import { expires, type Item, itemKey, itemOf, jobOf, markKey, partitionOf } from './job-item.ts';
import { jobFolder } from './place.ts';

/** One call of DynamoDB's API: `GetItem` and its input. Rejects with an error named like the API's. */
export type TableCall = (
  operation: 'BatchGetItem' | 'PutItem' | 'Query' | 'UpdateItem',
  input: JsonObject,
) => Promise<JsonObject>;

/** Keeps outputs that are too large for an item. */
export interface OutputStore {
  put(key: string, text: string): Promise<void>;
  get(key: string): Promise<string>;
}

export interface LedgerPlace {
  readonly table: TableCall;
  readonly outputs: OutputStore;
  readonly nowMs: () => number;
}

/** A kilobyte costs a write; what is larger is cheaper as a file. */
const LONGEST_OUTPUT = 4_096;
const LONGEST_CAUSE = 4_000;

export function jobLedger(place: LedgerPlace): JobLedger {
  const { table, outputs, nowMs } = place;
  const read: JobLedger['read'] = async (key) => {
    const { item, mark } = await itemAndMark(table, key);
    return { isStopped: mark !== undefined, ...(item === undefined ? {} : { job: jobOf(item, key) }) };
  };
  return {
    read,
    begin: (job, last) =>
      isWritten(
        table('PutItem', { TableName: job.key.table, Item: itemOf(job, nowMs()), ...unchanged(last) }),
      ),
    keep: (job) =>
      isWritten(
        table('UpdateItem', {
          ...updateOf(job, 'SET #state = :running, externalId = :id, submittedAt = :at', {
            ':id': { S: job.externalId ?? '' },
            ':at': { S: job.submittedAt },
          }),
        }),
      ),
    async end(job, end) {
      const over = await overOf(place, job, end);
      if (await isWritten(table('UpdateItem', endOf(over)))) return over;
      const { job: now } = await read(job.key);
      // Another call was faster: what it wrote has been told.
      return now?.token === job.token ? now : over;
    },
    outputOf: async ({ output, outputKey }) =>
      JSON.parse(outputKey === undefined ? (output ?? 'null') : await outputs.get(outputKey)) as Json,
  };
}

/** Marks that no job of an attempt may go on, before anybody looks for those that do. */
export async function markStopped(
  { table, nowMs }: Pick<LedgerPlace, 'table' | 'nowMs'>,
  key: Omit<JobKey, 'task' | 'instance'>,
): Promise<void> {
  const at = { S: new Date(nowMs()).toISOString() };
  await table('PutItem', { TableName: key.table, Item: { ...markKey(key), at, ttl: expires(nowMs()) } });
}

/** Jobs of an attempt, those that have ended too. Read consistently. */
export async function jobsOf(
  table: TableCall,
  key: Omit<JobKey, 'task' | 'instance'>,
): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  let after: Json | undefined;
  do {
    const page = await table('Query', {
      TableName: key.table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: partitionOf(key) }, ':sk': { S: `X#${key.attempt}#` } },
      ...(after === undefined ? {} : { ExclusiveStartKey: after }),
    });
    const items = Array.isArray(page['Items']) ? page['Items'] : [];
    jobs.push(...items.filter(isObject).map((item) => jobOf(item, key)));
    after = page['LastEvaluatedKey'];
  } while (after !== undefined);
  return jobs;
}

async function itemAndMark(
  table: TableCall,
  key: JobKey,
): Promise<{ readonly item?: Item; readonly mark?: Item }> {
  const keys = [itemKey(key), markKey(key)];
  const request = { [key.table]: { Keys: keys, ConsistentRead: true } };
  const { Responses, UnprocessedKeys } = await table('BatchGetItem', { RequestItems: request });
  // Half an answer would be read as "there is none".
  if (isObject(UnprocessedKeys) && Object.keys(UnprocessedKeys).length > 0)
    throw engineError(BUSY, `table "${key.table}": did not read all that it was asked for`);
  const found = isObject(Responses) ? Responses[key.table] : undefined;
  const items = Array.isArray(found) ? found.filter(isObject) : [];
  const [item, mark] = keys.map((wanted) =>
    items.find(({ sk }) => JSON.stringify(sk) === JSON.stringify(wanted['sk'])),
  );
  return { ...(item === undefined ? {} : { item }), ...(mark === undefined ? {} : { mark }) };
}

function unchanged(last: Job | undefined): JsonObject {
  if (last === undefined) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#token = :token AND #state = :state',
    ExpressionAttributeNames: { '#token': 'token', '#state': 'state' },
    ExpressionAttributeValues: { ':token': { S: last.token }, ':state': { S: last.state } },
  };
}

/** Of a try that is still this one and has not ended. */
function updateOf({ key, token }: Job, expression: string, values: JsonObject): JsonObject {
  return {
    TableName: key.table,
    Key: itemKey(key),
    UpdateExpression: expression,
    ConditionExpression: '#token = :token AND #state IN (:submitting, :running)',
    ExpressionAttributeNames: { '#token': 'token', '#state': 'state' },
    ExpressionAttributeValues: {
      ':token': { S: token },
      ':submitting': { S: 'submitting' },
      ':running': { S: 'running' },
      ...values,
    },
  };
}

async function overOf({ outputs }: LedgerPlace, job: Job, end: JobEnd): Promise<Job> {
  if (end.state !== 'done') return { ...job, ...end, cause: end.cause.slice(0, LONGEST_CAUSE) };
  const text = JSON.stringify(end.output);
  if (Buffer.byteLength(text) <= LONGEST_OUTPUT) return { ...job, state: 'done', output: text };
  const { task, instance = '' } = job.key;
  const outputKey = `${jobFolder(job.key)}${task}@${instance}.${job.try}.json`;
  await outputs.put(outputKey, text);
  return { ...job, state: 'done', outputKey };
}

function endOf(over: Job): JsonObject {
  const fields = ['externalId', 'output', 'outputKey', 'error', 'cause'] as const;
  const given = fields.flatMap((name) => {
    const text = over[name];
    return text === undefined ? [] : [{ name, text }];
  });
  const names = Object.fromEntries(given.map(({ name }) => [`#${name}`, name]));
  const sets = given.map(({ name }) => `, #${name} = :${name}`).join('');
  const update = updateOf(over, `SET #state = :ended${sets}`, {
    ':ended': { S: over.state },
    ...Object.fromEntries(given.map(({ name, text }) => [`:${name}`, { S: text }])),
  });
  return { ...update, ExpressionAttributeNames: { '#token': 'token', '#state': 'state', ...names } };
}

async function isWritten(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
