/** A trial of a deployment: runs, states, what an account shows, and what is left for a person. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { compile } from '../../../lib/compiler/compile.ts';
import { smokeRights } from '../../../lib/deployment/access-rights.ts';
import type { Permission } from '../../../lib/engines/permission.ts';
import type { LocalWorld } from '../../../lib/local/world.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { loadPipelines } from '../../../lib/project/load.ts';
import { type Deployment, deployed, folder, said, signIn, worldOf } from '../remote-rig.ts';
import { isAllowed } from './allowed.ts';
import { type FakeAws, fakeAws, type StackEvent } from './fake-aws.ts';

const ACCOUNT = '123456789012';
const ME = {
  accessKeyId: 'AKIDOPERATOR',
  secretAccessKey: 'operator-secret',
  userArn: `arn:aws:sts::${ACCOUNT}:assumed-role/Operator/ann@example.com`,
};
const SMOKE = smokeRights({
  environment: 'prod',
  account: ACCOUNT,
  region: 'eu-central-1',
  partition: 'aws',
});
const project = folder({
  'tutti.config.ts': `
    import { defineConfig } from 'tutti';
    export const config = defineConfig({
      environments: { local: {}, prod: { aws: { account: '${ACCOUNT}', region: 'eu-central-1' } } },
    });
  `,
  'pipelines/canary.ts': `
    import { dag, fn } from 'tutti';
    export const canary = dag('canary', { tags: ['canary'] }, ({ task }) => {
      const a = task('a', fn(async () => 1));
      task('b', fn({ a: a.output }, async ({ a }) => a + 1));
    });
    // Not a tree: its machine writes items, which its latches wait for.
    export const latched = dag('latched', {}, ({ task }) => {
      const one = task('one', fn(async () => 1));
      const two = task('two', fn(async () => 1));
      task('left', fn(async () => 1), { after: [one] });
      task('both', fn(async () => 1), { after: [one, two] });
      task('right', fn(async () => 1), { after: [two] });
    });
  `,
});

const arnOf = (name: string, version = 1) =>
  `arn:aws:states:eu-central-1:${ACCOUNT}:stateMachine:tutti-prod-${name}:${version}`;
const WELL: Readonly<Record<string, readonly StackEvent[]>> = {
  'tutti-prod-dags-0': [
    ['AWS::CloudFormation::Stack', 'CREATE_COMPLETE', '2026-01-01T00:02:03Z'],
    ['Custom::TuttiDags', 'CREATE_COMPLETE', '2026-01-01T00:02:00Z'],
    ['AWS::StepFunctions::StateMachineVersion', 'CREATE_COMPLETE', '2026-01-01T00:01:00Z'],
    ['AWS::CloudFormation::Stack', 'CREATE_IN_PROGRESS', '2026-01-01T00:00:00Z'],
  ],
};

let world: LocalWorld;
let deployment: Deployment;
let aws: FakeAws;
const definitions: Record<string, object> = {};
let roles: readonly string[] = [];
let instead: (state: string) => object | undefined;
let events = WELL;
/** Of whoever types. */
let rights: readonly Permission[] = [];
let mayWrite: (role: string, partition: string) => boolean;

beforeAll(async () => {
  world = await worldOf(project.root);
  const { dags } = await loadPipelines({ root: project.root });
  const versions = dags.map(({ dag }) => {
    const rerun = compile(dag, { rerun: true }).definition;
    definitions[arnOf(dag.id)] = compile(dag).definition;
    for (const name of [`${dag.id}-rerun`, `${dag.id}-p1`, `${dag.id}-rerun-p1`])
      definitions[arnOf(name)] = rerun;
    return {
      dag,
      manifest: compile(dag).manifest,
      deployment: {
        machine: arnOf(dag.id),
        rerun: arnOf(`${dag.id}-rerun`),
        fns: { main: `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:${dag.id}:1` },
        parts: { '1': arnOf(`${dag.id}-p1`) },
        rerunParts: { '1': arnOf(`${dag.id}-rerun-p1`) },
      },
    };
  });
  await registerDags(world, versions, { stack: '0' });
  deployment = await deployed({ world, principals: [ME] });
  aws = await fakeAws({
    account: ACCOUNT,
    may: (call) => isAllowed(rights, call),
    definitions: () => definitions,
    roles: () => roles,
    instead: (state) => instead(state),
    mayWrite: (role, partition) => mayWrite(role, partition),
    events: () => events,
  });
  const { url } = aws;
  signIn(ME, { SSM: deployment.endpoint, STS: url, SFN: url, IAM: url, CLOUDFORMATION: url });
});

afterAll(async () => {
  await Promise.all([deployment.close(), aws.close()]);
  await world.close();
  project.remove();
});

beforeEach(() => {
  events = WELL;
  aws.asked.length = 0;
  aws.denied.length = 0;
  rights = SMOKE;
  instead = () => undefined;
  mayWrite = (role, partition) => role.endsWith('/role-of-latched') && partition.startsWith('RUN#latched#');
});

const smoke = async (...argv: readonly string[]) => {
  const { code, out, err } = await said(project.root, 'smoke', '--env', 'prod', '--json', ...argv);
  return { code, told: JSON.parse(out), err };
};

test('a canary runs, and the states of all its machines and what the account shows are looked at', async () => {
  const { code, told } = await smoke();
  expect(told.runs).toMatchObject([{ dagId: 'canary', state: 'success' }]);
  expect(told.states).toMatchObject(
    ['main', 'part 1', 'rerun', 'rerun part 1'].map((machine) => ({
      dag: 'canary',
      machine,
      differences: [],
    })),
  );
  for (const { tested } of told.states) expect(tested).toBeGreaterThanOrEqual(2);
  expect(
    told.checks.map(({ name, state, text }: Record<string, string>) => `${state} ${name}: ${text}`),
  ).toEqual([
    expect.stringMatching(/^ok functions called by the ARN of a version: by run \S+ of canary$/),
    'ok versions published by tutti-prod-dags-0: 1, none of them refused for its rate',
    'ok Register of tutti-prod-dags-0: answered for 2 DAGs, of the 43 that are to be tried',
    'ok first deployment of tutti-prod-dags-0: 123 s for 2 DAGs',
    'ok roles of older versions: no run has an older version yet',
    'ok LeadingKeys of machines: dag "latched" may write its own items, and no others',
    'ok 100 branches: a Parallel of them is taken',
  ]);
  expect(aws.denied).toEqual([]);
  expect({ code, ok: told.ok }).toEqual({ code: 0, ok: true });
});

test('who has not the policy for it is told its name', async () => {
  rights = [];
  const { code, err } = await said(project.root, 'smoke', '--env', 'prod', '--no-run');
  expect({ code, err }).toEqual({
    code: 5,
    err: `tutti smoke › prod: must be allowed to you, got "not authorized to perform: states:DescribeStateMachine ${arnOf('canary')}"; ask for the managed policy tutti-prod-smoke, or use another AWS_PROFILE\n`,
  });
});

test('a dry run lists what would be tried, and asks nothing of AWS', async () => {
  const before = await world.store.runs.list({ dagId: 'canary', limit: 100 });
  const { code, told } = await smoke('--dry-run');
  expect({ code, told }).toMatchObject({
    code: 0,
    told: { dryRun: true, runs: ['canary'], states: [{ machine: 'main' }, {}, { machine: 'rerun' }, {}] },
  });
  expect(told.trials).toHaveLength(4);
  expect(aws.asked).toEqual([]);
  expect((await world.store.runs.list({ dagId: 'canary', limit: 100 })).items).toEqual(before.items);
});

test('everything that no command can see has a command to type and a thing to look for', async () => {
  const { told } = await smoke('--dry-run');
  expect(told.byHand.length).toBe(12);
  for (const { command, look } of told.byHand) {
    expect(command).toMatch(/prod/);
    expect(look).not.toBe('');
  }
});

test('DAGs are asked for once', async () => {
  deployment.asked.length = 0;
  await smoke('--no-run');
  expect(deployment.asked.filter((each) => / \/api\/v1\/records\/dags /.test(each))).toHaveLength(1);
});

test('a role that may write what is another’s, or a version refused for its rate, fails it', async () => {
  mayWrite = () => true;
  events = {
    'tutti-prod-dags-0': [
      ['AWS::StepFunctions::StateMachineVersion', 'CREATE_FAILED', '2026-01-01T00:01:00Z', 'Rate exceeded'],
    ],
  };
  const { code, told } = await smoke('--no-run');
  expect({ code, runs: told.runs }).toEqual({ code: 1, runs: [] });
  const failed = told.checks.filter(({ state }: { readonly state: string }) => state === 'failed');
  expect(failed.map(({ name }: { readonly name: string }) => name)).toEqual([
    'versions published by tutti-prod-dags-0',
    'LeadingKeys of machines',
  ]);
});

test('a state with which AWS does another thing than the interpreter fails it', async () => {
  instead = (state) => (state === 'b' ? { status: 'SUCCEEDED', output: '"another"' } : undefined);
  const { code, told } = await smoke('--no-run');
  expect({ code, ok: told.ok }).toEqual({ code: 1, ok: false });
  expect(told.states[0]).toMatchObject({
    machine: 'main',
    differences: [{ state: 'b', there: { status: 'SUCCEEDED', output: 'another' } }],
  });
});

test('versions that runs have, and whose roles are gone', async () => {
  const { operatorClients } = await import('../../../lib/aws/operate/clients.ts');
  const { roleTrial } = await import('../../../lib/aws/operate/trials.ts');
  const clients = operatorClients('eu-central-1');
  const older = [arnOf('canary'), arnOf('latched')];
  roles = ['role-of-canary', 'role-of-latched'];
  rights = [];
  expect(await roleTrial(clients, older)).toMatchObject({ state: 'warning' });
  rights = SMOKE;
  expect(await roleTrial(clients, older)).toMatchObject({ state: 'ok', text: '2 there' });
  roles = ['role-of-canary'];
  expect(await roleTrial(clients, [...older, arnOf('nothing')])).toMatchObject({
    state: 'failed',
    text: `gone: ${arnOf('latched')}, ${arnOf('nothing')}`,
  });
});
