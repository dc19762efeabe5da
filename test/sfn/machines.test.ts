import {
  CreateStateMachineCommand,
  type CreateStateMachineCommandInput,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  StartExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { ROLE, refusal, sfn } from './server.ts';

const PASS = '{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}';
const OTHER = '{"QueryLanguage":"JSONata","StartAt":"B","States":{"B":{"Type":"Succeed"}}}';

const create = (more: Partial<CreateStateMachineCommandInput> = {}) =>
  new CreateStateMachineCommand({ name: 'orders', definition: PASS, roleArn: ROLE, ...more });

describe('CreateStateMachine', () => {
  test('gives an ARN of the region and account of the server', async () => {
    const { client } = await sfn({ region: 'eu-central-1', account: '123456789012' });
    const created = await client.send(create());
    expect(created.stateMachineArn).toBe('arn:aws:states:eu-central-1:123456789012:stateMachine:orders');
    expect(created.creationDate).toBeInstanceOf(Date);
    expect(created.stateMachineVersionArn).toBeUndefined();
  });

  test('again is the same machine, whatever its role and tags; with another definition it is refused', async () => {
    const { client } = await sfn();
    const first = await client.send(create());
    const again = await client.send(create({ roleArn: `${ROLE}2`, tags: [{ key: 'a', value: 'b' }] }));
    expect(again.creationDate).toEqual(first.creationDate);
    const { stateMachineArn } = first;
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described.roleArn).toBe(ROLE);
    for (const other of [{ definition: OTHER }, { type: 'EXPRESS' as const }, { publish: true }])
      expect(await refusal(client.send(create(other)))).toEqual({
        name: 'StateMachineAlreadyExists',
        message: `State Machine Already Exists: '${stateMachineArn}'`,
      });
  });

  test('publishes its first version when asked to', async () => {
    const { client } = await sfn();
    const more = { publish: true, versionDescription: 'first' };
    const { stateMachineArn, stateMachineVersionArn } = await client.send(create(more));
    expect(stateMachineVersionArn).toBe(`${stateMachineArn}:1`);
    expect((await client.send(create(more))).stateMachineVersionArn).toBe(stateMachineVersionArn);
    const version = await client.send(
      new DescribeStateMachineCommand({ stateMachineArn: stateMachineVersionArn }),
    );
    expect(version).toMatchObject({ description: 'first', definition: PASS, name: 'orders' });
  });

  test.each([
    ['a colon in the name', { name: 'a:b' }, 'InvalidName', "Invalid Name: 'a:b'"],
    ['white space in the name', { name: 'a b' }, 'InvalidName', "Invalid Name: 'a b'"],
    ['no name', { name: '' }, 'ValidationException', "Value '' at 'name'"],
    ['a long name', { name: 'a'.repeat(81) }, 'ValidationException', 'less than or equal to 80'],
    ['no role', { roleArn: undefined }, 'ValidationException', "Value null at 'roleArn'"],
    ['no JSON', { definition: 'x' }, 'InvalidDefinition', 'INVALID_JSON_DESCRIPTION'],
    [
      'a dangling Next',
      { definition: PASS.replace('"End":true', '"Next":"B"') },
      'InvalidDefinition',
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next",
    ],
    [
      'JSONPath',
      { definition: PASS.replace('"QueryLanguage":"JSONata",', '') },
      'InvalidDefinition',
      'runs JSONata only',
    ],
    ['an unknown type', { type: 'FAST' as 'EXPRESS' }, 'ValidationException', '[STANDARD, EXPRESS]'],
    ['a description of no version', { versionDescription: 'x' }, 'ValidationException', 'publish'],
    [
      'too many tags',
      { tags: Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: '' })) },
      'TooManyTags',
      'at most 50',
    ],
  ])('refuses %s', async (_, more, name, message) => {
    const { client } = await sfn();
    const refused = await refusal(client.send(create(more)));
    expect(refused).toEqual({ name, message: expect.stringContaining(message) });
    expect((await client.send(new ListStateMachinesCommand({}))).stateMachines).toEqual([]);
  });

  test('takes JSONata that single states ask for', async () => {
    const { client } = await sfn();
    const definition = '{"StartAt":"A","States":{"A":{"Type":"Pass","QueryLanguage":"JSONata","End":true}}}';
    await expect(client.send(create({ definition }))).resolves.toBeDefined();
  });
});

test('UpdateStateMachine replaces what it gives and says which revision it made', async () => {
  const { client } = await sfn();
  const { stateMachineArn } = await client.send(create());
  const before = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(before).toMatchObject({ status: 'ACTIVE', type: 'STANDARD', definition: PASS, roleArn: ROLE });
  expect(before.revisionId).toBeUndefined();
  const updated = await client.send(
    new UpdateStateMachineCommand({ stateMachineArn, definition: OTHER, publish: true }),
  );
  expect(updated.stateMachineVersionArn).toBe(`${stateMachineArn}:1`);
  const after = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(after).toMatchObject({ definition: OTHER, roleArn: ROLE, revisionId: updated.revisionId });
});

test.each([
  ['nothing', {}, 'MissingRequiredParameter'],
  ['a bad definition', { definition: '{}' }, 'InvalidDefinition'],
])('UpdateStateMachine with %s changes nothing', async (_, more, name) => {
  const { client } = await sfn();
  const { stateMachineArn } = await client.send(create());
  const refused = await refusal(client.send(new UpdateStateMachineCommand({ stateMachineArn, ...more })));
  expect(refused.name).toBe(name);
  const after = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(after.definition).toBe(PASS);
});

test('DescribeStateMachine says which variables a state reads', async () => {
  const { client, create: make } = await sfn();
  const stateMachineArn = await make({
    A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
    B: { Type: 'Pass', Output: '{% $y + $x %}', End: true },
  });
  const { variableReferences } = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(variableReferences).toEqual({ B: ['x', 'y'] });
});

test('a deleted machine is gone, deleting it again is fine, and its name is free', async () => {
  const { client } = await sfn();
  const { stateMachineArn } = await client.send(create());
  await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  const describing = client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(await refusal(describing)).toEqual({
    name: 'StateMachineDoesNotExist',
    message: `State Machine Does Not Exist: '${stateMachineArn}'`,
  });
  await client.send(create({ definition: OTHER }));
});

test('a machine made anew may use the names of executions of the one before', async () => {
  const { client, create: make, ended } = await sfn();
  const states = { A: { Type: 'Pass', End: true } } as const;
  const stateMachineArn = await make(states);
  const start = () => client.send(new StartExecutionCommand({ stateMachineArn, name: 'once' }));
  await ended((await start()).executionArn);
  expect((await refusal(start())).name).toBe('ExecutionAlreadyExists');
  await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  await make(states);
  expect((await ended((await start()).executionArn)).status).toBe('SUCCEEDED');
});

test('ListStateMachines goes page by page, by name', async () => {
  const { client } = await sfn();
  for (const name of ['c', 'a', 'b']) await client.send(create({ name }));
  const first = await client.send(new ListStateMachinesCommand({ maxResults: 2 }));
  const second = await client.send(new ListStateMachinesCommand({ nextToken: first.nextToken }));
  const names = [...(first.stateMachines ?? []), ...(second.stateMachines ?? [])].map(({ name }) => name);
  expect({ names, more: second.nextToken }).toEqual({ names: ['a', 'b', 'c'], more: undefined });
  const forged = client.send(new ListStateMachinesCommand({ nextToken: 'forged' }));
  expect(await refusal(forged)).toEqual({ name: 'InvalidToken', message: "Invalid Token: 'Invalid token'" });
  const tooMany = client.send(new ListStateMachinesCommand({ maxResults: 1001 }));
  expect((await refusal(tooMany)).message).toContain('less than or equal to 1000');
});

test('tags are kept, replaced and removed', async () => {
  const { client } = await sfn();
  const { stateMachineArn: resourceArn } = await client.send(create({ tags: [{ key: 'a', value: '1' }] }));
  const tags = [
    { key: 'a', value: '2' },
    { key: 'b', value: '3' },
  ];
  await client.send(new TagResourceCommand({ resourceArn, tags }));
  expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(tags);
  await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
  expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([tags[1]]);
  const unknown = client.send(new ListTagsForResourceCommand({ resourceArn: `${resourceArn}x` }));
  expect((await refusal(unknown)).name).toBe('ResourceNotFound');
});

test.each([
  ['no ARN at all', 'orders', 'InvalidArn'],
  ['of an execution', 'arn:aws:states:us-east-1:000000000000:execution:a:b', 'InvalidArn'],
  ['of another service', 'arn:aws:lambda:us-east-1:000000000000:function:f', 'InvalidArn'],
  ['of no machine', 'arn:aws:states:us-east-1:000000000000:stateMachine:x', 'StateMachineDoesNotExist'],
])('an ARN that is %s is refused', async (_, stateMachineArn, name) => {
  const { client } = await sfn();
  const refused = await refusal(client.send(new DescribeStateMachineCommand({ stateMachineArn })));
  expect(refused.name).toBe(name);
});
