/** 1: deployed, deployed again, with a DAG more, with a DAG less. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { dagName } from '../../../lib/deployment/names.ts';
import type { Deployed } from '../cdk.ts';
import { commanded } from '../command.ts';
import { isObject } from '../json.ts';
import type { Stage } from '../stage.ts';
import { check, until } from '../suite.ts';

/** DAGs of the suite, which are added to the samples. */
const ADDED = ['latch', 'beat', 'held', 'versioned', 'query', 'twenty'];

/** @throws {Error} where nothing is there to play on */
export async function deploySamples({ cdk, emulator }: Pick<Stage, 'cdk' | 'emulator'>): Promise<void> {
  await cdk.bootstrap();
  const first = await cdk.deploy('cdk.out');
  if (first.exitCode !== 0) throw new Error(`cdk deploy ended with ${first.exitCode}:\n${first.output}`);
  await check('deploy › makes everything, passing over no type', () => {
    deepEqual(emulator.passedOver(), []);
    const kinds = new Set(first.events.map(({ ResourceStatus }) => ResourceStatus));
    ok(!kinds.has('CREATE_FAILED') && kinds.has('CREATE_COMPLETE'), [...kinds].join());
  });
}

/** Samples that nobody here plays, so that no sweep makes runs of them beside what is played. */
export async function pauseOthers({ deployed }: Stage): Promise<void> {
  const others = ['etl_example', 'flights', 'late_file', 'user_data_pipeline'];
  await Promise.all(
    others.map(async (dagId) => {
      const { status, body } = await deployed.ask(`/dags/${dagId}:pause`, {});
      equal(status, 200, JSON.stringify(body));
    }),
  );
}

export async function deployAgain(stage: Stage): Promise<void> {
  const { cdk } = stage;
  await Promise.all([
    check('deploy again, unchanged › changes no resource', async () => {
      const { exitCode, output, events } = await cdk.deploy();
      equal(exitCode, 0, output);
      deepEqual(events, []);
    }),
    check('plan, unchanged › changes no DAG', async () => {
      const { exitCode, said, warned } = await commanded(stage, 'plan');
      deepEqual(
        { exitCode, ok: said['ok'], dags: said['dags'] },
        { exitCode: 0, ok: true, dags: [] },
        warned,
      );
    }),
    check('doctor › finds everything there', async () => {
      const { exitCode, said, warned } = await commanded(stage, 'doctor');
      deepEqual({ exitCode, ok: said['ok'] }, { exitCode: 0, ok: true }, `${JSON.stringify(said)}${warned}`);
    }),
  ]);
}

export async function addDags({ cdk, project }: Stage): Promise<void> {
  project.add(ADDED.map((name) => `${name}.ts`));
  await check('deploy with DAGs more › changes one existing resource', async () => {
    const { exitCode, output, events } = await cdk.deploy();
    equal(exitCode, 0, output);
    deepEqual(changed(events), ['Custom::TuttiDags']);
  });
}

/** Refused while a run is active, allowed once none is; the code of `versioned` changes with it. */
export async function removeDag(stage: Stage): Promise<void> {
  const { cdk, project, deployed, clients } = stage;
  const run = await startHeld(stage);
  project.remove('held.ts');
  await check('deploy-check with a DAG less that has an active run › says what Register will', async () => {
    const { exitCode, said, warned } = await commanded(stage, 'deploy-check');
    const leaving = [{ dagId: 'held', stack: '0', active: [run] }];
    deepEqual(
      { exitCode, ...said },
      { exitCode: 1, environment: 'dev', ok: false, problems: [], leaving },
      warned,
    );
  });
  await check(
    'deploy with a DAG less that has an active run › is refused, and leaves everything as it was',
    async () => {
      const { exitCode, output, events } = await cdk.deploy();
      ok(exitCode !== 0, output);
      match(told(output, events), /dag "held" was removed but has 1 active run/);
      equal(events.at(-1)?.ResourceStatus, 'UPDATE_ROLLBACK_COMPLETE');
      const { body } = await deployed.ask('/dags/held');
      equal(body['retiredAt'], undefined);
      equal(await stateOf(stage, run), 'running');
    },
  );
  await deployed.ask(`/dags/held/runs/${encodeURIComponent(run)}:cancel`, {});
  project.edit('versioned.ts', "VERSION = 'one'", "VERSION = 'two'");
  await Promise.all([
    until('the held run is cancelled', async () =>
      (await stateOf(stage, run)) === 'cancelled' ? true : undefined,
    ),
    planCode(stage),
  ]);
  const removed = await check(
    'deploy with a DAG less that has no active run › removes it, and keeps its history',
    async () => {
      const deployment = await cdk.deploy();
      equal(deployment.exitCode, 0, deployment.output);
      const { stateMachines = [] } = await clients.sfn.send(
        new ListStateMachinesCommand({ maxResults: 1000 }),
      );
      const names = stateMachines.map(({ name }) => name);
      ok(!names.includes(dagName('dev', 'held', '0')), names.join());
      ok((await deployed.ask('/dags/held')).body['retiredAt'] !== undefined);
      equal(await stateOf(stage, run), 'cancelled');
      return deployment;
    },
  );
  if (removed === undefined) return;
  await check('deploy with other code of a DAG › touches no state machine', () => {
    const made = removed.events.filter(({ LogicalResourceId = '' }) => !LogicalResourceId.startsWith('held'));
    const machines = made.filter(({ ResourceType = '' }) => ResourceType.startsWith('AWS::StepFunctions::'));
    deepEqual(
      machines.map(({ LogicalResourceId }) => LogicalResourceId),
      [],
    );
  });
}

function planCode(stage: Stage): Promise<void> {
  return check(
    'plan with other code of a DAG › tells that its code changes, and of no other DAG',
    async () => {
      const { said, warned } = await commanded(stage, 'plan');
      const dags = Array.isArray(said['dags']) ? said['dags'].filter(isObject) : [];
      const told = dags.map(({ dagId, change, version }) => {
        const parts = isObject(version) ? version['parts'] : undefined;
        return { dagId, change, parts };
      });
      deepEqual(
        told,
        [
          { dagId: 'held', change: 'removed', parts: [] },
          { dagId: 'versioned', change: 'changed', parts: ['code'] },
        ],
        warned,
      );
    },
  );
}

async function startHeld({ deployed, outside }: Stage): Promise<string> {
  const { body } = await deployed.ask('/dags/held/runs', {});
  const { run } = body;
  const id = isObject(run) ? String(run['id']) : '';
  await until('the held run waits', async () => outside.seen.find((caller) => caller.run === id));
  return id;
}

async function stateOf({ deployed }: Stage, run: string): Promise<unknown> {
  const { body } = await deployed.ask(`/dags/held/runs/${encodeURIComponent(run)}`);
  return (isObject(body['run']) ? body['run'] : body)['state'];
}

function told(output: string, events: readonly StackEvent[]): string {
  return [output, ...events.map(({ ResourceStatusReason = '' }) => ResourceStatusReason)].join('\n');
}

/** Types of resources that were there before and were changed. */
function changed(events: Deployed['events']): readonly string[] {
  const touched = events.filter(
    ({ ResourceStatus = '', ResourceType = '' }) =>
      /^(UPDATE|DELETE)_/.test(ResourceStatus) && ResourceType !== 'AWS::CloudFormation::Stack',
  );
  return [...new Map(touched.map((event) => [event.LogicalResourceId, event.ResourceType ?? ''])).values()];
}
