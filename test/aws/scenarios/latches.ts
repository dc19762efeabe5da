/** 3: the latch, whoever comes first and however it ends; the history is the interpreter's. */
import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../../../lib/asl/events.ts';
import { tableName } from '../../../lib/deployment/names.ts';
import { type SfnServer, startSfn } from '../../../lib/sfn/index.ts';
import { courseOf } from '../../emulator/courses.ts';
import { historyOf } from '../../emulator/history.ts';
import { type Lines, linesOf } from '../../emulator/lines.ts';
import { Target } from '../../emulator/target.ts';
import { CREDENTIALS, REGION } from '../credentials.ts';
import { HISTORIES } from '../deviations.ts';
import { isObject, type JsonObject, parseObject } from '../json.ts';
import type { Outcome } from '../outside.ts';
import { executionArn, type Stage } from '../stage.ts';
import { check, say, until } from '../suite.ts';

const DAG = 'latch';

interface Order {
  readonly title: string;
  /** The producer ends after the consumer came, or before. */
  readonly late: boolean;
  readonly outcome: Outcome;
}

const ORDERS: readonly Order[] = (['ok', 'fail', 'skip'] as const).flatMap((outcome) =>
  [true, false].map((late) => ({ title: `${late ? 'late' : 'early'}, ${outcome}`, late, outcome })),
);

export async function latches(stage: Stage): Promise<void> {
  const sfn = await startSfn({ lambdaEndpoint: stage.emulator.gateway.url });
  try {
    await Promise.all(ORDERS.map((order) => latch(stage, sfn, order)));
  } finally {
    await sfn.close();
  }
}

async function latch(stage: Stage, sfn: SfnServer, order: Order): Promise<void> {
  await check(
    `latch, a producer that is ${order.title} › order in the table, history of the interpreter`,
    async () => {
      let [theirs, ours] = await bothHistories(stage, sfn, order);
      for (let again = 0; again < 2 && mishaps(theirs) !== mishaps(ours); again += 1) {
        say(`latch, a producer that is ${order.title}: once more, since one of two met with a mishap`);
        [theirs, ours] = await bothHistories(stage, sfn, order);
      }
      const known = HISTORIES.filter(({ title }) => title === `latch, ${order.title}`);
      if (known.length === 0) deepEqual(theirs, ours);
      else notDeepEqual(theirs, ours, 'a known deviation that is not seen');
    },
  );
}

async function bothHistories(stage: Stage, sfn: SfnServer, order: Order): Promise<[Lines, Lines]> {
  const { run, executionArn: arn } = await startRun(stage);
  const theirs = await play(stage, { client: stage.clients.sfn, executionArn: arn, run }, order);
  const again = await interpreted(stage, sfn, { executionArn: arn, run });
  return [theirs, await play(stage, again, order)];
}

/**
 * What went wrong outside of the machine. Where only one of two histories has such a one, they are no match, and the latch is
 * played once more: a client under load lost the reply to a write and sent it again, which the table then refuses, and after
 * which the machine looks what is there, as it must; or LocalStack failed by itself in a service, or in a state.
 */
function mishaps(lines: Lines): number {
  return JSON.stringify(lines).split(/ConditionalCheckFailed|Lambda\.InternalError|States\.Runtime/).length;
}

interface Playing {
  readonly client: SFNClient;
  readonly executionArn: string;
  readonly run: string;
}

async function startRun({
  deployed,
}: Stage): Promise<{ readonly run: string; readonly executionArn: string }> {
  const { body, status } = await deployed.ask(`/dags/${DAG}/runs`, {});
  const id = isObject(body['run']) ? String(body['run']['id']) : '';
  ok(status < 300 && id !== '', JSON.stringify(body));
  const execution = await until('the run has an execution', async () => {
    const { body: told } = await deployed.ask(`/dags/${DAG}/runs/${encodeURIComponent(id)}`);
    const run = isObject(told['run']) ? told['run'] : told;
    return typeof run['execution'] === 'string' && run['state'] === 'running' ? run['execution'] : undefined;
  });
  return { run: id, executionArn: executionArn(DAG, execution) };
}

/** The same machine with the same input and the same functions, as `tutti sfn` runs it. */
async function interpreted(
  { clients }: Stage,
  { endpoint }: SfnServer,
  { executionArn, run }: Pick<Playing, 'executionArn' | 'run'>,
): Promise<Playing> {
  const { stateMachineArn, input = '{}' } = await clients.sfn.send(
    new DescribeExecutionCommand({ executionArn }),
  );
  const { definition = '' } = await clients.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const target = new Target('tutti', endpoint);
  const other = `${run}-interpreted`;
  const given: JsonObject = parseObject(input);
  const facts = isObject(given['run']) ? given['run'] : {};
  const asked = { ...given, run: { ...facts, id: other } };
  const arn = await target.start(JSON.parse(definition), crypto.randomUUID(), asked);
  const client = new SFNClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  return { client, executionArn: arn, run: other };
}

/** Lets the tasks through in the order that is asked for, and gives the history. */
async function play(stage: Stage, playing: Playing, { late, outcome }: Order): Promise<Lines> {
  const { outside } = stage;
  const { client, executionArn, run } = playing;
  const release = (task: string, how: Outcome = 'ok') => outside.release({ dag: DAG, run, task }, how);
  const isDeployed = client === stage.clients.sfn;
  release('c');
  release('d');
  if (late) {
    release('b');
    await until('the consumer sleeps', () => seen(playing, 'd · wait a', 'TaskSubmitted'));
    if (isDeployed) deepEqual(await latchOf(stage, run), { done: false, sleeps: true });
    release('a', outcome);
  } else {
    release('a', outcome);
    await until('the producer signalled', () => seen(playing, /^a · signal/, 'TaskStateExited'));
    if (isDeployed) deepEqual(await latchOf(stage, run), { done: true, sleeps: false });
    release('b');
  }
  await until('the run ends', async () => {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' ? undefined : status;
  });
  if (isDeployed) equal((await latchOf(stage, run)).done, true);
  return linesOf(await courseOf(client, executionArn));
}

/** Whether a state has come so far. */
async function seen(
  { client, executionArn }: Playing,
  state: string | RegExp,
  type: string,
): Promise<true | undefined> {
  const events = await historyOf(client, executionArn);
  const byId = new Map(events.map((event) => [event.id, event]));
  const found = events.some((event) => event.type === type && matches(stateNameOf(event, byId), state));
  return found ? true : undefined;
}

function stateNameOf(event: HistoryEvent, byId: ReadonlyMap<number, HistoryEvent>): string {
  for (let one: HistoryEvent | undefined = event; one !== undefined; one = byId.get(one.previousEventId)) {
    if (/State(Entered|Exited)$/.test(one.type)) return String(one.details['name']);
  }
  return '';
}

function matches(name: string, state: string | RegExp): boolean {
  return typeof state === 'string' ? name === state : state.test(name);
}

async function latchOf(
  { clients }: Stage,
  run: string,
): Promise<{ readonly done: boolean; readonly sleeps: boolean }> {
  const { Items = [] } = await clients.dynamodb.send(
    new QueryCommand({
      TableName: tableName('dev'),
      KeyConditionExpression: 'pk = :pk and begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: `RUN#${DAG}#${run}` }, ':sk': { S: 'L#1#a' } },
      ConsistentRead: true,
    }),
  );
  const item = Items[0] ?? {};
  return { done: item['done'] !== undefined, sleeps: item['t_d'] !== undefined };
}
