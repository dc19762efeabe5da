/** What keeps a command from a deployment, each said with its remedy; and the built command line. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LocalWorld } from '../../lib/local/world.ts';
import { type Deployment, deployed, folder, listening, said, signIn, worldOf } from './remote-rig.ts';
import { SLOW } from './sales.ts';

const OPERATOR = {
  accessKeyId: 'AKIDOPERATOR',
  secretAccessKey: 'operator-secret',
  userArn: 'arn:aws:sts::123456789012:assumed-role/Operator/ann@example.com',
};
const READER = { ...OPERATOR, accessKeyId: 'AKIDREADER', userArn: 'arn:aws:iam::123456789012:user/bob' };

const STRANGER = {
  ...OPERATOR,
  accessKeyId: 'AKIDSTRANGER',
  userArn: 'arn:aws:iam::999999999999:user/eve',
};

const there = folder({ 'pipelines/slow.ts': SLOW });
const caller = folder({
  'tutti.config.ts': `
    import { defineConfig } from 'tutti';
    const aws = { account: '123456789012', region: 'eu-central-1' };
    export const config = defineConfig({ environments: { local: {}, dev: {}, prod: { aws }, staging: { aws } } });
  `,
});
let world: LocalWorld;
let deployment: Deployment;
/** How far the clock of the deployment is ahead, in milliseconds. */
let aheadMs = 0;

beforeAll(async () => {
  world = await worldOf(there.root);
  deployment = await deployed({
    world,
    principals: [OPERATOR, READER, STRANGER],
    mayCall: ({ accessKeyId }, url) => accessKeyId === OPERATOR.accessKeyId || url === 'read',
    nowMs: () => Date.now() + aheadMs,
  });
});

afterAll(async () => {
  await deployment.close();
  for (const run of await world.store.runs.open())
    await world.launcher.stop(run.execution ?? '', { dagId: run.dagId, runId: run.id }, 'over');
  await world.close();
  for (const each of [there, caller]) each.remove();
});

beforeEach(() => {
  aheadMs = 0;
  signIn(OPERATOR, { SSM: deployment.endpoint });
});

const runs = (env: string, ...more: readonly string[]) => said(caller.root, 'runs', '--env', env, ...more);

test.each([
  ['pord', 2, 'did you mean "prod"?'],
  ['qa', 2, 'there are prod, staging'],
  ['dev', 3, 'which has no aws in tutti.config.ts'],
  ['staging', 3, "no parameter /tutti/staging/api; deploy it with cdk deploy 'staging/*'"],
])('the environment %s', async (env, code, text) => {
  expect(await runs(env)).toEqual({ code, out: '', err: expect.stringContaining(text) });
});

test('no credentials', async () => {
  delete process.env['AWS_ACCESS_KEY_ID'];
  const { code, err } = await runs('prod');
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('sign in with aws sso login') });
});

test('credentials that AWS does not know, or with another secret', async () => {
  signIn({ ...OPERATOR, accessKeyId: 'AKIDNOBODY' });
  expect(await runs('prod')).toMatchObject({ code: 2, err: expect.stringContaining('does not know') });
  signIn({ ...OPERATOR, secretAccessKey: 'another' });
  expect(await runs('prod', '--api-url', deployment.readUrl)).toMatchObject({
    code: 2,
    err: expect.stringContaining('get-caller-identity'),
  });
});

test('credentials of another account, which has an environment of that name, too', async () => {
  signIn(STRANGER);
  expect(await runs('prod')).toEqual({
    code: 5,
    out: '',
    err: expect.stringContaining('"prod" is in account 123456789012, got credentials of 999999999999'),
  });
});

test('expired credentials', async () => {
  const message = 'The security token included in the request is expired';
  const old = await listening(async () =>
    Response.json({ __type: 'ExpiredTokenException', message }, { status: 400 }),
  );
  process.env['AWS_ENDPOINT_URL_SSM'] = old.url;
  const { code, err } = await runs('prod');
  await old.close();
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('sign in again: aws sso login') });
});

test('a clock that is wrong', async () => {
  aheadMs = 400_000;
  const { code, err } = await runs('prod', '--api-url', deployment.readUrl);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('set the clock of this machine') });
});

test('reading is another permission than changing', async () => {
  signIn(READER);
  expect(await runs('prod')).toMatchObject({ code: 0 });
  const { code, err } = await said(caller.root, 'pause', 'slow', '--env', 'prod');
  expect({ code, err }).toEqual({
    code: 5,
    err: expect.stringContaining('the managed policy tutti-prod-operator'),
  });
  expect(err).toContain('lambda:InvokeFunctionUrl of tutti-prod-api-write');
  expect((await world.store.dags.head('slow'))?.paused).toBe(false);
});

test('nobody answers', async () => {
  const gone = await listening(async () => new Response());
  await gone.close();
  const { code, err } = await runs('prod', '--api-url', gone.url);
  expect({ code, err }).toEqual({ code: 5, err: expect.stringContaining('look at the network') });
});

test('an address that is none', async () => {
  expect(await runs('prod', '--api-url', 'prod.example.com')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--api-url: must be an address'),
  });
});

test('a mistake of ours there is looked for in the log of the environment', async () => {
  const broken = await listening(async () =>
    Response.json(
      { code: 'internal', detail: 'request: must not fail' },
      {
        status: 500,
        headers: { 'content-type': 'application/problem+json' },
      },
    ),
  );
  expect(await runs('prod', '--api-url', broken.url)).toEqual({
    code: 1,
    out: '',
    err: 'tutti › prod: must not fail, but tutti-prod-api-read did; look why: aws logs tail /tutti/prod --since 10m --filter-pattern ERROR\n',
  });
  await broken.close();
});

test('a moment without an answer is waited for', async () => {
  let asked = 0;
  const busy = await listening(async (request) => {
    asked += 1;
    if (asked === 1) return new Response('{"Message":"Rate Exceeded."}', { status: 429 });
    return Response.json({ items: [], url: request.url });
  });
  const { code, out } = await runs('prod', '--api-url', busy.url);
  await busy.close();
  expect({ code, out, asked }).toMatchObject({ code: 0, asked: 2 });
});

test('an HTTP API is asked with a signature for it', async () => {
  const { serviceOf } = await import('../../lib/cli/remote/place.ts');
  expect(serviceOf('https://a1.execute-api.eu-central-1.amazonaws.com')).toBe('execute-api');
  expect(serviceOf('https://a1.lambda-url.eu-central-1.on.aws')).toBe('lambda');
});

test('the built command line, left by Ctrl-C: the run goes on there', async () => {
  const child = spawn(process.execPath, [resolve('dist/tutti.js'), 'trigger', 'slow', '--env', 'prod'], {
    cwd: caller.root,
    env: { ...process.env, CI: '1' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      if (!text.includes('wait') && String(chunk).includes('wait')) child.kill('SIGINT');
      text += chunk;
    });
  const code = await new Promise((ended) => child.on('close', ended));
  expect({ code, text }).toEqual({
    code: 130,
    text: expect.stringMatching(
      /no longer watching; it goes on in prod[\s\S]*tutti runs watch slow \S+ --env prod/,
    ),
  });
  const [run] = await world.store.runs.open();
  expect(run).toMatchObject({ dagId: 'slow', state: 'running', by: 'assumed-role/Operator/ann@example.com' });
});
