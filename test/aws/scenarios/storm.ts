/** 4: what comes twice, never, or breaks off: after the sweep the ledger is right, and nothing ran twice. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { coreFunctionName, scheduleName, tableName } from '../../../lib/deployment/names.ts';
import { ACCOUNT, REGION } from '../credentials.ts';
import type { Asking, Fault } from '../gateway.ts';
import { deployedSchedule, fire } from '../schedule.ts';
import { invoke, machineArn, type Stage } from '../stage.ts';
import { check, until } from '../suite.ts';
import { isQuiet, itemsOf, runsOf } from '../told.ts';
import { runOf, start } from './changes.ts';

const DAG = 'beat';
const TICK = coreFunctionName('dev', 'tick');
const RECORD = coreFunctionName('dev', 'record');

/** At which of its writes a tick is killed, one tick after the other. */
const KILLED_AT = [1, 2, 3, 5, 8, 13, 21];

export async function storm(stage: Stage): Promise<void> {
  const recorder = killing(RECORD, (write) => write % 5 === 2 && write < 30);
  const calm = [fault(stage, throttled()), fault(stage, recorder.fault)];
  await check(
    'ticks killed between their writes, a recorder that crashes half way, a throttled API › all end',
    async () => {
      let killed = 0;
      for (const at of KILLED_AT) killed += await killedTick(stage, at);
      ok(killed >= 4, `${killed} ticks were killed`);
      await until('a recorder was killed', async () => (recorder.kills() > 0 ? true : undefined));
      for (const stop of calm) stop();
      await swept(stage);
    },
  );
  await right(stage, 'after the sweep');
  await check('firings that come twice, and late › make nothing', async () => {
    const before = await runsOf(stage.deployed, DAG);
    const schedule = await deployedSchedule(
      stage.emulator.gateway.url,
      tableName('dev'),
      scheduleName(DAG, '0', ''),
    );
    const { lambda } = stage.clients;
    await Promise.all(
      ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'].map((at) => fire(lambda, schedule, at)),
    );
    await Promise.all([1, 2].map(() => invoke(lambda, 'tick', { dag: DAG, at: '2026-01-01T00:00:00Z' })));
    deepEqual(await runsOf(stage.deployed, DAG), before);
  });
  await lostAndDoubled(stage);
  await right(stage, 'after lost and doubled events');
}

/** An event of which the recorder never hears is found by the sweep; one that comes again changes nothing. */
async function lostAndDoubled(stage: Stage): Promise<void> {
  const { deployed, clients } = stage;
  const recorder = killing(RECORD, () => true);
  const stop = fault(stage, recorder.fault);
  await check('an event that is lost › the sweep ends its run', async () => {
    const run = await start(stage, DAG);
    await until('its execution ends', async () => {
      const { execution } = await runOf(stage, DAG, run);
      const all = await executions(stage);
      return all.find(({ name, status }) => name === execution && status !== 'RUNNING');
    });
    // Lambda tries an event three times, then it is dead.
    await until('the event is lost', async () => (recorder.kills() >= 3 ? true : undefined));
    stop();
    equal((await runOf(stage, DAG, run))['state'], 'running');
    await swept(stage);
  });
  stop();
  await check('events that come again › change nothing', async () => {
    const before = await runsOf(deployed, DAG);
    const [execution] = await executions(stage);
    ok(execution);
    const { arn, name, status } = execution;
    const event = {
      version: '0',
      id: crypto.randomUUID(),
      'detail-type': 'Step Functions Execution Status Change',
      source: 'aws.states',
      account: ACCOUNT,
      time: new Date().toISOString(),
      region: REGION,
      resources: [arn],
      detail: { executionArn: arn, stateMachineArn: machineArn(DAG), name, status },
    };
    await Promise.all([invoke(clients.lambda, 'record', event), invoke(clients.lambda, 'record', event)]);
    deepEqual(await runsOf(deployed, DAG), before);
  });
}

/** Kills a tick at its nth write: the one who invoked it hears of a crash, and nobody tries it again. */
async function killedTick(stage: Stage, at: number): Promise<number> {
  const tick = killing(TICK, (write) => write === at);
  const stop = fault(stage, tick.fault);
  await invoke(stage.clients.lambda, 'tick', { dag: DAG, at: new Date().toISOString() }).catch(
    () => undefined,
  );
  stop();
  return tick.kills();
}

interface Killing {
  readonly fault: Fault;
  /** How often it has killed so far. */
  readonly kills: () => number;
}

function killing(name: string, isTime: (write: number) => boolean): Killing {
  let [writes, kills] = [0, 0];
  const kill: Fault = ({ action, by }) => {
    if (by !== name || !isWrite(action)) return undefined;
    writes += 1;
    if (!isTime(writes)) return undefined;
    kills += 1;
    return { kill: kills % 2 === 0 ? 'before' : 'after' };
  };
  return { fault: kill, kills: () => kills };
}

/** The first calls of each kind are refused, as AWS does where too many are made. */
function throttled(): Fault {
  const left = new Map([
    ['AWSStepFunctions.GetExecutionHistory', 3],
    ['AWSStepFunctions.StartExecution', 3],
  ]);
  return ({ action, by }: Asking) => {
    const count = left.get(action) ?? 0;
    if (count === 0 || by === '') return undefined;
    left.set(action, count - 1);
    const answer = { __type: 'ThrottlingException', message: 'Rate exceeded' };
    return { when: 'before', status: 400, answer };
  };
}

function isWrite(action: string): boolean {
  return /^DynamoDB\.(Put|Update|Delete|BatchWrite|TransactWrite)|\.StartExecution$/.test(action);
}

function fault({ emulator }: Stage, made: Fault): () => void {
  return emulator.gateway.fault(made);
}

/** Sweeps as often as the deployment would, only sooner, until nothing goes on. */
async function swept(stage: Stage): Promise<void> {
  await until(
    `the runs of ${DAG} end`,
    async () => {
      // While the storm goes on, one may say that it could not do everything.
      await invoke(stage.clients.lambda, 'sweep', {}).catch((error: Error) => {
        if (!error.message.includes('SweepProblems')) throw error;
      });
      return (await isQuiet(stage.deployed, DAG)) ? true : undefined;
    },
    { everyMs: 1000 },
  );
}

/** Every interval has its one run, each run its one execution, each task ran once. */
async function right(stage: Stage, when: string): Promise<void> {
  const { deployed, outside } = stage;
  await check(`${when} › every interval has one run, one execution, one try`, async () => {
    const runs = await runsOf(deployed, DAG);
    ok(runs.length >= 6, `${runs.length} runs`);
    deepEqual(
      runs.map(({ state, attempt }) => `${state} ${attempt}`).filter((told) => told !== 'success 1'),
      [],
    );
    const { body } = await deployed.ask(`/dags/${DAG}/ledger?from=${isoDay(-1)}&to=${isoDay(0)}`);
    deepEqual(body['problems'] ?? [], []);
    equal(itemsOf(body).filter(({ run }) => run === undefined).length, 0, JSON.stringify(body));
    const tries = Map.groupBy(
      outside.seen.filter(({ dag }) => dag === DAG),
      ({ run }) => run,
    );
    deepEqual(
      [...tries.values()].filter(({ length }) => length !== 1),
      [],
    );
    deepEqual(new Set(tries.keys()), new Set(runs.map(({ id }) => String(id))));
    const told = runs.map(async ({ id }) => (await runOf(stage, DAG, String(id)))['execution']);
    const names = (await executions(stage)).map(({ name }) => name);
    deepEqual(names.toSorted(byText), (await Promise.all(told)).map(String).toSorted(byText));
  });
}

interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
}

async function executions({ clients }: Stage): Promise<readonly Execution[]> {
  const { executions: all = [] } = await clients.sfn.send(
    new ListExecutionsCommand({ stateMachineArn: machineArn(DAG), maxResults: 1000 }),
  );
  return all.map(({ executionArn: arn = '', name = '', status = '' }) => ({
    arn,
    name,
    status,
  }));
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}

function isoDay(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
}
