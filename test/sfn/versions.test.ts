import {
  CreateStateMachineAliasCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineVersionCommand,
  DescribeStateMachineAliasCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  PublishStateMachineVersionCommand,
  StartExecutionCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { machine } from '../interpreter/machine.ts';
import { refusal, sfn, type TestServer } from './server.ts';

const saying = (word: string) => ({ A: { Type: 'Pass', Output: word, End: true } }) as const;

/** A machine with versions 1 and 2, which say so, while the machine itself says 3. */
async function twoVersions(server: TestServer): Promise<string> {
  const stateMachineArn = await server.create(saying('one'));
  const publish = new PublishStateMachineVersionCommand({ stateMachineArn });
  await server.client.send(publish);
  for (const word of ['two', 'three']) {
    const definition = JSON.stringify(machine(saying(word)));
    const isPublished = word === 'two';
    await server.client.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition, publish: isPublished }),
    );
  }
  return stateMachineArn;
}

test('a version keeps what the machine was', async () => {
  const server = await sfn();
  const arn = await twoVersions(server);
  const outputs = await Promise.all([`${arn}:1`, `${arn}:2`, arn].map((each) => server.run(each)));
  expect(outputs.map(({ output }) => output)).toEqual(['"one"', '"two"', '"three"']);
  expect(outputs.map(({ stateMachineVersionArn }) => stateMachineVersionArn)).toEqual([
    `${arn}:1`,
    `${arn}:2`,
    undefined,
  ]);
  const listed = await server.client.send(new ListExecutionsCommand({ stateMachineArn: `${arn}:2` }));
  expect(listed.executions).toHaveLength(1);
});

test('publishing is done once a revision, and only for the revision that was meant', async () => {
  const { client, create } = await sfn();
  const stateMachineArn = await create(saying('one'));
  const publish = (revisionId?: string) =>
    client.send(new PublishStateMachineVersionCommand({ stateMachineArn, revisionId }));
  const first = await publish('INITIAL');
  expect((await publish()).stateMachineVersionArn).toBe(first.stateMachineVersionArn);
  const definition = JSON.stringify(machine(saying('two')));
  const { revisionId } = await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
  expect((await refusal(publish('INITIAL'))).name).toBe('ConflictException');
  expect((await publish(revisionId)).stateMachineVersionArn).toBe(`${stateMachineArn}:2`);
});

test('an update that changes nothing makes no revision and no version', async () => {
  const { client, create } = await sfn();
  const stateMachineArn = await create(saying('one'));
  const definition = JSON.stringify(machine(saying('one')));
  const update = (text: string) =>
    client.send(new UpdateStateMachineCommand({ stateMachineArn, definition: text, publish: true }));
  const first = await update(definition);
  expect(first).toMatchObject({ stateMachineVersionArn: `${stateMachineArn}:1` });
  expect(first.revisionId).toBeUndefined();
  expect((await update(definition)).stateMachineVersionArn).toBe(`${stateMachineArn}:1`);
  const second = await update(definition.replace('one', 'two'));
  const again = await update(definition.replace('one', 'two'));
  expect(again).toMatchObject({
    revisionId: second.revisionId,
    stateMachineVersionArn: `${stateMachineArn}:2`,
  });
});

test('a version is not updated', async () => {
  const server = await sfn();
  const stateMachineArn = `${await twoVersions(server)}:2`;
  const update = new UpdateStateMachineCommand({ stateMachineArn, roleArn: 'arn:aws:iam::1:role/r' });
  expect(await refusal(server.client.send(update))).toEqual({
    name: 'StateMachineDoesNotExist',
    message: `State Machine Does Not Exist: '${stateMachineArn}'`,
  });
});

test('versions are listed newest first, and a number is never used again', async () => {
  const server = await sfn();
  const stateMachineArn = await twoVersions(server);
  const list = async () => {
    const command = new ListStateMachineVersionsCommand({ stateMachineArn });
    const { stateMachineVersions = [] } = await server.client.send(command);
    return stateMachineVersions.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  };
  expect(await list()).toEqual([`${stateMachineArn}:2`, `${stateMachineArn}:1`]);
  const stateMachineVersionArn = `${stateMachineArn}:2`;
  await server.client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn }));
  await server.client.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
  expect(await list()).toEqual([`${stateMachineArn}:3`, `${stateMachineArn}:1`]);
  const gone = server.client.send(new StartExecutionCommand({ stateMachineArn: stateMachineVersionArn }));
  expect((await refusal(gone)).name).toBe('StateMachineDoesNotExist');
});

test('an alias leads to its version, and holds it', async () => {
  const server = await sfn();
  const arn = await twoVersions(server);
  const { client } = server;
  const routingConfiguration = [{ stateMachineVersionArn: `${arn}:1`, weight: 100 }];
  const create = new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration });
  const { stateMachineAliasArn } = await client.send(create);
  expect(stateMachineAliasArn).toBe(`${arn}:live`);
  const ran = await server.run(`${arn}:live`);
  expect(ran).toMatchObject({ output: '"one"', stateMachineAliasArn, stateMachineVersionArn: `${arn}:1` });
  const remove = new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${arn}:1` });
  expect((await refusal(client.send(remove))).name).toBe('ConflictException');
  const next = [{ stateMachineVersionArn: `${arn}:2`, weight: 100 }];
  await client.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, routingConfiguration: next }));
  const described = await client.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }));
  expect(described).toMatchObject({ name: 'live', routingConfiguration: next });
  await client.send(remove);
  const list = new ListStateMachineAliasesCommand({ stateMachineArn: arn });
  expect((await client.send(list)).stateMachineAliases).toHaveLength(1);
  await client.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn }));
  expect((await client.send(list)).stateMachineAliases).toEqual([]);
});

test('an alias of two versions uses both', async () => {
  const server = await sfn();
  const arn = await twoVersions(server);
  const routingConfiguration = [1, 2].map((version) => ({
    stateMachineVersionArn: `${arn}:${version}`,
    weight: 50,
  }));
  await server.client.send(new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration }));
  const outputs = await Promise.all(Array.from({ length: 60 }, () => server.run(`${arn}:live`)));
  expect(new Set(outputs.map(({ output }) => output))).toEqual(new Set(['"one"', '"two"']));
});

test.each(['123', 'A B', '!A', 'A'.repeat(81)])('an alias cannot be called %s', async (name) => {
  const server = await sfn();
  const routingConfiguration = [{ stateMachineVersionArn: `${await twoVersions(server)}:1`, weight: 100 }];
  const create = new CreateStateMachineAliasCommand({ name, routingConfiguration });
  expect((await refusal(server.client.send(create))).name).toBe('ValidationException');
});

test.each([
  ['weights that are not 100', [90], 'Sum of routing configuration weights must equal 100. Received: [90]'],
  ['no version', [], 'Member must have length greater than or equal to 1'],
  ['three versions', [50, 25, 25], 'Member must have length less than or equal to 2'],
])('an alias with %s is refused', async (_, weights, message) => {
  const server = await sfn();
  const arn = await twoVersions(server);
  const routingConfiguration = weights.map((weight, index) => ({
    stateMachineVersionArn: `${arn}:${index + 1}`,
    weight,
  }));
  const create = new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration });
  const refused = await refusal(server.client.send(create));
  expect(refused).toEqual({
    name: 'ValidationException',
    message: expect.stringContaining(message),
  });
});
