/** The command as a user starts it. */
import { expect, test } from 'vitest';
import { project, start, tutti } from '../cli/tutti.ts';

const list = (endpoint: string) =>
  fetch(endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSStepFunctions.ListStateMachines' },
    body: '{}',
  }).then((response) => response.json());

test.each(['SIGINT', 'SIGTERM'] as const)('says where it answers, and ends with %s', async (signal) => {
  const { child, done, printed } = start(project({}), 'sfn', '--port', '0', '--json');
  let line = '';
  child.stdout?.on('data', (chunk) => {
    line += chunk;
  });
  await printed('\n');
  const said = JSON.parse(line);
  expect(said).toMatchObject({ region: 'us-east-1', account: '000000000000' });
  expect(await list(said.endpoint)).toEqual({ stateMachines: [] });
  child.kill(signal);
  expect(await done).toMatchObject({ code: 0, stderr: '' });
});

test('tells a person how to ask it', async () => {
  const { child, done, printed } = start(project({}), 'sfn', '--port', '0', '--region', 'eu-central-1');
  await printed('ends with it');
  child.kill('SIGTERM');
  const { stdout } = await done;
  expect(stdout).toContain('(eu-central-1, 000000000000)');
  expect(stdout).toMatch(/aws stepfunctions list-state-machines --endpoint-url http:\/\/127\.0\.0\.1:\d+/);
});

test.each([
  [['--port', '70000'], 2, '--port: must be a whole number from 0 to 65535, got "70000"'],
  [['--port', 'x'], 2, 'got "x"'],
  [['--account', '12'], 2, '--account: must have 12 digits, got "12"'],
  [['--region', 'Mars'], 2, '--region: must be like eu-central-1, got "Mars"'],
  [['--keep', '-1'], 2, '--keep: must be a whole number'],
  [['--lambda-endpoint', 'localhost'], 2, 'must be a URL such as http://127.0.0.1:9001, got "localhost"'],
  [['--mocks', 'none.json'], 3, 'must be a file that can be read, got "none.json"'],
  [['--mocks', 'bad.json'], 2, 'bad.json › MockedResponses › r › x: must be the number of a try'],
])('%j is refused', async (args, code, message) => {
  const root = project({ 'bad.json': '{"MockedResponses":{"r":{"x":{"Return":1}}}}' });
  const finished = await tutti(root, 'sfn', '--port', '0', ...args);
  expect(finished).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
});
