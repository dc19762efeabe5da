import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { garbageIn } from '../../../lib/aws/operate/garbage.ts';
import { inventoryOf, type OperatorClients, removeGarbage } from '../../../lib/aws/operate/inventory.ts';
import { type FakeIam, fakeIam } from './iam.ts';

const OWN = '/tutti/prod/sales/1a2b3c4d/';
const policy = (path: string, name: string) => `arn:aws:iam::111122223333:policy${path}${name}`;
const [FIRST, SECOND] = [policy(OWN, 'first'), policy(OWN, 'second')];
const BOUNDS = policy('/', 'theirs');
const OTHERS = policy('/tutti/dev/sales/1a2b3c4d/', 'of-dev');

/** An account without machines and functions: whatever roles there are, nothing has them. */
async function clients(iam: FakeIam): Promise<OperatorClients> {
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ stateMachines: [], Functions: [] }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const at = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const made = { sfn: new SFNClient(at), lambda: new LambdaClient(at), iam: iam.client };
  onTestFinished(() => {
    made.sfn.destroy();
    made.lambda.destroy();
    server.close();
  });
  return made;
}

async function collected(iam: FakeIam): Promise<readonly string[]> {
  const all = await clients(iam);
  const kept = { used: new Set<string>(), madeBeforeMs: Date.UTC(2027) };
  const removed: string[] = [];
  await removeGarbage(all, garbageIn(await inventoryOf(all, 'prod'), kept), (name) => removed.push(name));
  return removed;
}

test('a role goes with the managed policies that were made for it, and no other', async () => {
  const iam = await fakeIam(
    {
      old: { path: OWN, inline: ['own'], attached: [FIRST, BOUNDS, SECOND, OTHERS] },
      'dev-role': { path: '/tutti/dev/sales/1a2b3c4d/', inline: [], attached: [] },
    },
    [FIRST, SECOND, BOUNDS, OTHERS],
  );
  expect(await collected(iam)).toEqual(['old']);
  expect([...iam.roles.keys()]).toEqual(['dev-role']);
  expect([...iam.policies]).toEqual([BOUNDS, OTHERS]);
  expect(iam.done).toEqual([
    'DeleteRolePolicy old own',
    `DetachRolePolicy old ${FIRST}`,
    `DeletePolicy ${FIRST}`,
    `DetachRolePolicy old ${BOUNDS}`,
    `DetachRolePolicy old ${SECOND}`,
    `DeletePolicy ${SECOND}`,
    `DetachRolePolicy old ${OTHERS}`,
    'DeleteRole old',
  ]);
});

test('a policy that somebody else attached, or removed, holds nothing up', async () => {
  const iam = await fakeIam(
    {
      old: { path: OWN, inline: [], attached: [FIRST, SECOND] },
      'role-of-mine': { path: '/', inline: [], attached: [FIRST] },
    },
    [FIRST],
  );
  expect(await collected(iam)).toEqual(['old']);
  expect([...iam.roles.keys()]).toEqual(['role-of-mine']);
  expect([...iam.policies]).toEqual([FIRST]);
});

test('roles of Core are CloudFormation’s, whatever has them', async () => {
  const iam = await fakeIam({ 'tick-role': { path: '/tutti/prod/', inline: ['own'], attached: [] } }, []);
  expect(await collected(iam)).toEqual([]);
  expect(iam.done).toEqual([]);
});
