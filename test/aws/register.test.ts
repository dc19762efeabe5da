import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Call } from '../../lib/aws/core-function.ts';
import { registerResource } from '../../lib/aws/register-resource.ts';
import { cancellingCause } from '../../lib/aws/run-items.ts';
import type { AwsWorld } from '../../lib/aws/world.ts';
import { isObject } from '../../lib/base/json.ts';
import type { RegisteredDag } from '../../lib/deployment/events.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import { tick } from '../../lib/orchestrator/tick.ts';
import { testDag } from '../local/dag.ts';
import { DAILY } from '../orchestrator/rig.ts';
import { coreRig } from './core-rig.ts';
import { account } from './deployed.ts';
import { hasTables, newTable } from './tables.ts';

/** CloudFormation, as far as a custom resource sees it: an address, and what came there. */
async function cloudFormation() {
  const answers: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    answers.push(JSON.parse(await text(request)));
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer`, answers };
}

/** A stack of two DAGs, of one of which a run goes on in machines of its real name. */
async function running() {
  const made = await stack();
  const { rig, world, send, sales, other, there } = made;
  const named = await there.deploy(sales.dag, { name: `tutti-${rig.environment}-sales-0` });
  const ours = { ...sales, deployment: named.deployment } as DagVersion;
  await send('Create', [ours, other]);
  rig.setNow('2026-01-06T00:00:10Z');
  return { ...made, created: (await tick(world, 'sales')).created };
}

async function stack() {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const there = await account();
  const waits = testDag({ a: { body: () => held } }, { id: 'sales', schedule: DAILY });
  const [sales, other] = [
    await there.deploy(waits),
    await there.deploy(testDag({ a: { body: () => undefined } }, { id: 'other' })),
  ];
  onTestFinished(() => release());
  const formation = await cloudFormation();
  const rig = coreRig({ account: there, table: await newTable(), now: '2026-01-05T00:00:00Z' });
  const manifest = [sales, other].map(({ dag, manifest: one }) => ({ dag, manifest: one }));
  const s3 = {
    send: async ({ input }: { input: { Key: string } }) => ({
      Body: {
        transformToString: async () => JSON.stringify(input.Key.endsWith('list.json') ? manifest : {}),
      },
    }),
  } as never;
  const world = rig.other({ clients: (clients) => ({ ...clients, s3 }) });
  const send = (kind: string, versions: readonly DagVersion[], more: object = {}) =>
    ask(world, kind, {
      url: formation.url,
      properties: propertiesOf(rig.environment, versions, more),
      before: propertiesOf(rig.environment, [sales, other], {}),
    });
  return { there, rig, world, formation, send, sales, other, release };
}

function propertiesOf(environment: string, versions: readonly DagVersion[], more: object) {
  return {
    ServiceToken: 'arn',
    Environment: environment,
    Stack: '0',
    ManifestBucket: 'assets',
    ManifestKey: `tutti/${environment}/list.json`,
    Dags: versions.map(registeredDag),
    ...more,
  };
}

function registeredDag({ dag, manifest, deployment }: DagVersion): RegisteredDag {
  if (deployment === undefined) throw new Error('not deployed');
  const { machine, rerun, fns } = deployment;
  // Its machine as the stack of its environment would name it.
  return { id: dag.id, hash: manifest.hash, machine, rerun, fns: { main: fns.main } };
}

interface Asked {
  readonly url: string;
  readonly properties: object;
  readonly before: object;
}

async function ask(world: AwsWorld, kind: string, { url, properties, before }: Asked) {
  const call: Call = { world, remainingMs: () => 120_000, log: () => undefined };
  return registerResource(call, {
    RequestType: kind,
    ResponseURL: url,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Register',
    ...(kind === 'Create' ? {} : { PhysicalResourceId: 'Register' }),
    ResourceProperties: properties,
    ...(kind === 'Update' ? { OldResourceProperties: before } : {}),
  });
}

describe.skipIf(!hasTables)('the DAGs of a stack', () => {
  test('are made known with where they are deployed, and CloudFormation is answered', async () => {
    const { world, formation, send, sales, other } = await stack();
    await send('Create', [sales, other]);
    expect(formation.answers).toEqual([
      {
        Status: 'SUCCESS',
        Reason: 'SUCCESS',
        PhysicalResourceId: 'Register',
        StackId: 'stack',
        RequestId: 'request',
        LogicalResourceId: 'Register',
        Data: { Added: '2', Changed: '0', Retired: '0' },
      },
    ]);
    expect(await world.store.dags.head('sales')).toMatchObject({ stack: '0', version: sales.manifest.hash });
    const kept = await world.store.dags.version('sales', sales.manifest.hash);
    expect(kept?.deployment).toEqual(sales.deployment);
    await send('Update', [sales, other]);
    expect(formation.answers[1]).toMatchObject({ Data: { Added: '0', Changed: '0', Retired: '0' } });
  });

  test('are no more removed while they run than the update back revives them', async () => {
    const { rig, world, formation, send, sales, other, there, release } = await stack();
    const machine = `tutti-${rig.environment}-sales-0`;
    const named = await there.deploy(sales.dag, { name: machine });
    const ours = { ...sales, deployment: named.deployment } as DagVersion;
    await send('Create', [ours, other]);
    rig.setNow('2026-01-06T00:00:10Z');
    await tick(world, 'sales');
    await send('Update', [other]);
    expect(formation.answers[1]).toMatchObject({
      Status: 'FAILED',
      Reason:
        'dag "sales" was removed but has 1 active run: let it end, cancel it, or deploy with -c tutti:cancel=sales',
    });
    expect((await world.store.dags.head('sales'))?.retiredAt).toBeDefined();
    await send('Update', [ours, other]);
    expect((await world.store.dags.head('sales'))?.retiredAt).toBeUndefined();
    release();
    await rig.settle();
    await send('Update', [other]);
    expect(formation.answers[3]).toMatchObject({ Status: 'SUCCESS', Data: { Retired: '1' } });
  });

  test('are removed while they run where that is asked for: their runs are cancelled', async () => {
    const { rig, world, formation, send, other, created } = await running();
    const key = { dagId: 'sales', runId: created[0] ?? '' };
    expect(await rig.run(key)).toMatchObject({ state: 'running' });
    const removal = send('Update', [other], { Cancel: ['sales'] });
    // What EventBridge tells meanwhile.
    await expect.poll(() => cancellingCause(world.table, key, 1)).toBe('cancelled by deployment');
    await rig.settle();
    await removal;
    expect(formation.answers[1]).toMatchObject({ Status: 'SUCCESS', Data: { Retired: '1' } });
    expect(await rig.run(key)).toMatchObject({ state: 'cancelled', cause: 'cancelled by deployment' });
    expect((await world.store.dags.head('sales'))?.retiredAt).toBeDefined();
  });

  test('are not removed where only others are to be cancelled', async () => {
    const { rig, formation, send, other, created } = await running();
    await send('Update', [other], { Cancel: ['other'] });
    expect(formation.answers[1]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('1 active run'),
    });
    expect(await rig.run({ dagId: 'sales', runId: created[0] ?? '' })).toMatchObject({ state: 'running' });
  });

  test('of another stack are left alone, whichever of the two comes first', async () => {
    const { world, send, sales, other } = await stack();
    await send('Create', [sales, other]);
    await send('Create', [other], { Stack: '1' });
    await send('Update', [sales]);
    expect(await world.store.dags.head('other')).toMatchObject({ stack: '1' });
    expect((await world.store.dags.head('other'))?.retiredAt).toBeUndefined();
  });

  test('whose properties are wrong are refused, and CloudFormation is told why', async () => {
    const { formation, send, sales } = await stack();
    await send('Create', [sales], { Stack: '' });
    await send('Create', [sales], { Environment: 'elsewhere' });
    await send('Create', [sales], { ManifestKey: 'other/list.json' });
    await send('Create', [{ ...sales, manifest: { ...sales.manifest, hash: 'ffff' } }]);
    expect(formation.answers.map((answer) => [answer['Status'], answer['Reason']])).toEqual([
      ['FAILED', expect.stringMatching(/^register › event\.Stack: must be at least 1 characters, got ""/)],
      ['FAILED', expect.stringMatching(/^register › Environment: must be "t[0-9a-f]+", got "elsewhere"/)],
      ['FAILED', expect.stringMatching(/^register › ManifestKey: must begin with tutti\/t[0-9a-f]+\/, got/)],
      ['FAILED', expect.stringMatching(/^register › dag "sales": must be in the manifest with version ffff/)],
    ]);
    // What CloudFormation then takes back was never there.
    await send('Delete', [sales], { Stack: '' });
    expect(formation.answers[4]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('are answered for even where nothing is as it should be', async () => {
    const { formation, world } = await stack();
    const broken = { ...world, place: undefined } as unknown as AwsWorld;
    await ask(broken, 'Update', { url: formation.url, properties: {}, before: {} });
    expect(formation.answers[0]).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'Register' });
    expect(isObject(formation.answers[0])).toBe(true);
  });
});
