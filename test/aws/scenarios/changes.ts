/** 5: one task of one day again, a mark, a cancel that reaches outside, code that changed meanwhile. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { Fault } from '../gateway.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Stage } from '../stage.ts';
import { check, until } from '../suite.ts';
import { itemsOf } from '../told.ts';

/** An Athena whose queries run until they are stopped. */
export interface FakeAthena {
  readonly fault: Fault;
  readonly started: readonly string[];
  readonly stopped: readonly string[];
}

export function fakeAthena(): FakeAthena {
  const started: string[] = [];
  const stopped: string[] = [];
  const answers: Readonly<Record<string, (body: JsonObject) => JsonObject>> = {
    'AmazonAthena.StartQueryExecution': () => {
      const id = crypto.randomUUID();
      started.push(id);
      return { QueryExecutionId: id };
    },
    'AmazonAthena.GetQueryExecution': ({ QueryExecutionId: id = '' }) => ({
      QueryExecution: {
        QueryExecutionId: id,
        Status: { State: stopped.includes(String(id)) ? 'CANCELLED' : 'RUNNING' },
      },
    }),
    'AmazonAthena.StopQueryExecution': ({ QueryExecutionId: id }) => {
      stopped.push(String(id));
      return {};
    },
  };
  return {
    started,
    stopped,
    fault({ action, body }) {
      const answer = answers[action];
      return answer === undefined ? undefined : { when: 'before', status: 200, answer: answer(body) };
    },
  };
}

/** Cancelled while its query runs. */
export async function cancelled(stage: Stage): Promise<void> {
  const athena = fakeAthena();
  const stop = stage.emulator.gateway.fault(athena.fault);
  await check('cancel › ends the run, and the job outside', async () => {
    const run = await start(stage, 'query');
    await until('the query runs', async () => athena.started[0]);
    const { status, body } = await stage.deployed.ask(`${pathOf('query', run)}:cancel`, {});
    equal(status, 200, JSON.stringify(body));
    await until('the run is cancelled', async () => ended(stage, 'query', run));
    equal(await stateOf(stage, 'query', run), 'cancelled');
    await until('the query is stopped', async () => athena.stopped[0]);
    // Who cancels and the recorder both see to it: that it comes twice does no harm.
    deepEqual([...new Set(athena.stopped)], athena.started);
  });
  stop();
}

/** A run of the first code; gives its id. */
export async function firstVersion(stage: Stage): Promise<string> {
  const run = await start(stage, 'versioned');
  await until('the run of the first code ends', async () => ended(stage, 'versioned', run));
  return run;
}

/** Once there is other code. */
export async function versions(stage: Stage, first: string): Promise<void> {
  const { deployed, outside } = stage;
  const ran = (run: string) => outside.seen.filter((caller) => caller.run === run).map(({ task }) => task);
  await check(
    'clear one task of a run after the code changed › it runs again, in its own version',
    async () => {
      deepEqual(ran(first), ['first', 'second of one', 'third']);
      const { status, body } = await deployed.ask(`${pathOf('versioned', first)}:clear`, {
        tasks: ['second'],
      });
      equal(status, 200, JSON.stringify(body));
      await until('it runs again', async () => {
        const { attempt, state } = await runOf(stage, 'versioned', first);
        return attempt === 2 && state !== 'queued' && state !== 'running' ? true : undefined;
      });
      equal(await stateOf(stage, 'versioned', first), 'success');
      deepEqual(ran(first), ['first', 'second of one', 'third', 'second of one']);
    },
  );
  await check('a new run after the code changed › has the new version', async () => {
    const run = await start(stage, 'versioned');
    await until('it ends', async () => ended(stage, 'versioned', run));
    deepEqual(ran(run), ['first', 'second of two', 'third']);
    const [one, two] = [await runOf(stage, 'versioned', first), await runOf(stage, 'versioned', run)];
    ok(one['version'] !== two['version']);
  });
  await check('mark › sets a task and what follows', async () => {
    const body = { tasks: ['third'], state: 'failed' };
    const { status, body: reply } = await deployed.ask(`${pathOf('versioned', first)}:mark`, body);
    equal(status, 200, JSON.stringify(reply));
    equal(await stateOf(stage, 'versioned', first), 'failed');
    const { body: tasks } = await deployed.ask(`${pathOf('versioned', first)}/tasks`);
    // Each attempt has its rows; a mark is of the newest of a task.
    const newest = new Map(
      itemsOf(tasks)
        .toSorted((a, b) => Number(a['attempt']) - Number(b['attempt']))
        .map(({ task, state }) => [String(task), state]),
    );
    deepEqual(Object.fromEntries(newest), { first: 'success', second: 'success', third: 'failed' });
  });
  await check('logs › of a try, by the API', async () => {
    const log = await until('the log is there', async () => {
      const { body } = await deployed.ask(`${pathOf('versioned', first)}/tasks/first/tries/1/logs?attempt=1`);
      return Array.isArray(body['lines']) && body['lines'].length > 0 ? JSON.stringify(body) : undefined;
    });
    match(log, /passing/);
  });
}

export async function start({ deployed }: Stage, dagId: string): Promise<string> {
  const { status, body } = await deployed.ask(`/dags/${dagId}/runs`, {});
  const run = body['run'];
  ok(status < 300 && isObject(run), JSON.stringify(body));
  return String(run['id']);
}

export async function ended(stage: Stage, dagId: string, run: string): Promise<true | undefined> {
  const state = await stateOf(stage, dagId, run);
  return state === 'queued' || state === 'running' ? undefined : true;
}

async function stateOf(stage: Stage, dagId: string, run: string): Promise<unknown> {
  return (await runOf(stage, dagId, run))['state'];
}

export async function runOf(stage: Stage, dagId: string, run: string): Promise<JsonObject> {
  const { body } = await stage.deployed.ask(pathOf(dagId, run));
  return isObject(body['run']) ? body['run'] : body;
}

function pathOf(dagId: string, run: string): string {
  return `/dags/${dagId}/runs/${encodeURIComponent(run)}`;
}
