/** What commands say of a project that is to be deployed: as `cdk synth`, and whose account it is. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tuttiApp } from '../../../lib/constructs/index.ts';
import { trySynthesis } from '../../../lib/constructs/try-synthesis.ts';
import type { LocalWorld } from '../../../lib/local/world.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { loadPipelines } from '../../../lib/project/load.ts';
import { type Deployment, deployed, folder, listening, said, signIn, worldOf } from '../remote-rig.ts';

/** The validator of CDK takes seconds, and says nothing of what is asked here. */
process.env['CDK_VALIDATION'] = 'false';

const ME = {
  accessKeyId: 'AKIDOPERATOR',
  secretAccessKey: 'operator-secret',
  userArn: 'arn:aws:sts::123456789012:assumed-role/Operator/ann@example.com',
};
const STRANGER = { ...ME, accessKeyId: 'AKIDSTRANGER', userArn: 'arn:aws:iam::999999999999:user/eve' };

const SALES = `
  import { dag, fn } from 'tutti';
  export const sales = dag('sales', { schedule: '@daily' }, ({ task }) => {
    task('a', fn(async () => 1));
  });
`;
const config = (environments: string) => `
  import { defineConfig } from 'tutti';
  const aws = { account: '123456789012', region: 'eu-central-1' } as const;
  export const config = defineConfig({ environments: { local: {}, ${environments} } });
`;
const SOUND = config('prod: { aws }, dev: { aws }');

const there = folder({ 'pipelines/sales.ts': SALES });
const folders = [there];
let world: LocalWorld;
let deployment: Deployment;
/** Of `GetCallerIdentity`. */
let sts: Awaited<ReturnType<typeof listening>>;
let account = '123456789012';

beforeAll(async () => {
  world = await worldOf(there.root);
  deployment = await deployed({ world, principals: [ME, STRANGER] });
  sts = await listening(
    async () =>
      new Response(
        `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
        { headers: { 'content-type': 'text/xml' } },
      ),
  );
});

afterAll(async () => {
  await Promise.all([deployment.close(), sts.close(), world.close()]);
  for (const each of folders) each.remove();
});

beforeEach(() => {
  account = '123456789012';
  signIn(ME, { SSM: deployment.endpoint, STS: sts.url });
});

function project(files: Readonly<Record<string, string>>): string {
  const made = folder({ 'tutti.config.ts': SOUND, 'pipelines/sales.ts': SALES, ...files });
  folders.push(made);
  return made.root;
}

/** What `cdk synth` writes, line by line. */
async function synthSays(root: string): Promise<readonly string[]> {
  const written: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  await tuttiApp({ root }).finally(() => {
    process.stderr.write = write;
    process.exitCode = 0;
  });
  const lines = written.join('').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('  at '));
}

interface Told {
  readonly ok: boolean;
  readonly problems: readonly { readonly path: string; readonly message: string; readonly remedy: string }[];
}

const refused = {
  'a connection that one environment lacks': {
    'tutti.config.ts': config(`
      dev: { aws, connections: { warehouse: { kind: 'sql' }, shop: { kind: 'http', baseUrl: 'https://shop.example.com' } } },
      prod: { aws }
    `),
    'pipelines/rows.ts': `
      import { connection, dag, sql } from 'tutti';
      export const rows = dag('rows', {}, ({ task }) => {
        task('a', connection.sql('warehouse').query(sql\`select 1 as a\`));
      });
    `,
  },
  'a region that there is none of': {
    'tutti.config.ts': config("prod: { aws: { ...aws, region: 'eu-centrall-1' } }"),
  },
  'a DAG id that is too long': { 'pipelines/sales.ts': SALES.replace("'sales'", `'${'s'.repeat(300)}'`) },
  'an id that names nothing there': { 'pipelines/sales.ts': SALES.replace("'sales'", "'sales.eu'") },
  'a function of more than 15 minutes': {
    'pipelines/sales.ts': SALES.replace('async () => 1)', "async () => 1), { timeout: '40m' }"),
  },
  'an import that does not compile': {
    'pipelines/sales.ts': `import './nothing-there.ts';\n${SALES}`,
  },
  'a machine that is too large': {
    'pipelines/sales.ts': SALES.replace('fn(', "fn({ text: 'x'.repeat(1_100_000) }, "),
  },
};

describe.each(Object.entries(refused))('%s', (_, files) => {
  test('is refused by deploy-check and plan, in the words of cdk synth', async () => {
    const root = project(files);
    const expected = await synthSays(root);
    expect(expected).not.toEqual([]);
    for (const command of ['deploy-check', 'plan']) {
      const { code, out } = await said(root, command, '--env', 'prod', '--json');
      const { ok, problems }: Told = JSON.parse(out);
      const lines = problems.map(({ path, message, remedy }) => `${path}: ${message}; ${remedy}`);
      expect({ code, ok, lines }).toEqual({ code: 1, ok: false, lines: expected });
    }
  });
});

test('a sound project can be deployed', async () => {
  const root = project({});
  const { code, out, err } = await said(root, 'deploy-check', '--env', 'prod');
  expect({ code, out, err }).toEqual({ code: 0, out: '✓ prod: 1 DAG can be deployed\n', err: '' });
});

test('before the first deployment all is new', async () => {
  const root = project({});
  expect(await said(root, 'deploy-check', '--env', 'dev')).toEqual({
    code: 0,
    out: '✓ dev: 1 DAG can be deployed, for the first time\n',
    err: '',
  });
  const { code, out } = await said(root, 'plan', '--env', 'dev', '--json');
  expect({ code, plan: JSON.parse(out) }).toMatchObject({
    code: 0,
    plan: { ok: true, dags: [{ dagId: 'sales', change: 'added' }] },
  });
});

test('a change of code alone is planned, a change of words or place is not', async () => {
  const deployedRoot = project({});
  const loaded = await loadPipelines({ root: deployedRoot });
  const made = trySynthesis(loaded, deployedRoot).manifests('prod');
  const versions = loaded.dags.flatMap(({ dag }) => {
    const manifest = made.get(dag.id);
    return manifest === undefined ? [] : [{ dag, manifest }];
  });
  await registerDags(world, versions, { stack: '0' });
  const same = project({ 'pipelines/sales.ts': `// words\n${SALES}` });
  expect(await said(same, 'plan', '--env', 'prod')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^nothing changes in prod, /),
  });
  const other = project({ 'pipelines/sales.ts': SALES.replace('1)', '2)') });
  const { out } = await said(other, 'plan', '--env', 'prod', '--json');
  const { hash: before } = made.get('sales') ?? {};
  expect(JSON.parse(out)).toMatchObject({
    dags: [
      {
        dagId: 'sales',
        change: 'changed',
        isVersionAlone: true,
        version: { before, after: expect.stringMatching(/^[0-9a-f]{16}$/), parts: ['code'] },
      },
    ],
  });
});

describe('a configuration that reads what cdk gives its apps', () => {
  const aws = `{ account: process.env['CDK_DEFAULT_ACCOUNT'] ?? '000000000000', region: process.env['CDK_DEFAULT_REGION'] ?? 'us-east-1' }`;
  const files = { 'tutti.config.ts': config(`dev: { aws: ${aws} }`) };

  afterEach(() => {
    for (const name of ['CDK_DEFAULT_ACCOUNT', 'CDK_DEFAULT_REGION', 'AWS_REGION']) delete process.env[name];
  });

  test('gets the account and the region of the credentials', async () => {
    account = '444455556666';
    process.env['AWS_REGION'] = 'eu-central-1';
    expect(await said(project(files), 'deploy-check', '--env', 'dev')).toEqual({
      code: 0,
      out: '✓ dev: 1 DAG can be deployed, for the first time\n',
      err: '',
    });
    const { CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION } = process.env;
    expect({ CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION }).toEqual({
      CDK_DEFAULT_ACCOUNT: '444455556666',
      CDK_DEFAULT_REGION: 'eu-central-1',
    });
  });

  test('keeps what is set', async () => {
    process.env['AWS_REGION'] = 'eu-central-1';
    process.env['CDK_DEFAULT_ACCOUNT'] = '777777777777';
    expect(await said(project(files), 'deploy-check', '--env', 'dev')).toMatchObject({
      code: 5,
      err: expect.stringContaining('"dev" is in account 777777777777, got credentials of 123456789012'),
    });
  });
});

describe('another account', () => {
  const root = project({});

  test.each([
    ['deploy-check'],
    ['plan'],
    ['gc', '--yes'],
    ['smoke'],
    ['pin', 'sales', 'abc'],
    ['trigger', 'sales'],
  ])('that has an environment of that name: %s', async (...argv) => {
    signIn(STRANGER);
    const asked = deployment.asked.length;
    expect(await said(root, ...argv, '--env', 'prod')).toEqual({
      code: 5,
      out: '',
      err: 'tutti › --env: "prod" is in account 123456789012, got credentials of 999999999999; sign in there, or set AWS_PROFILE\n',
    });
    expect(deployment.asked.length).toBe(asked);
  });

  test.each([['deploy-check'], ['plan']])('where nothing is deployed: %s', async (command) => {
    account = '999999999999';
    expect(await said(root, command, '--env', 'dev')).toMatchObject({
      code: 5,
      err: expect.stringContaining('"dev" is in account 123456789012, got credentials of 999999999999'),
    });
  });

  test.each([['gc', '--yes'], ['smoke']])('behind an address that was given: %s', async (...argv) => {
    account = '999999999999';
    expect(await said(root, ...argv, '--env', 'prod', '--api-url', deployment.readUrl)).toMatchObject({
      code: 5,
      err: expect.stringContaining('got credentials of 999999999999'),
    });
  });
});

test.each([
  ['pause', 'sales'],
  ['gc', '--yes'],
  ['pin', 'sales', 'abc'],
])('an address in another region: %s', async (...argv) => {
  const url = 'https://abc.lambda-url.eu-west-1.on.aws';
  expect(await said(project({}), ...argv, '--env', 'prod', '--api-url', url)).toMatchObject({
    code: 5,
    err: expect.stringContaining('"prod" is in region eu-central-1, got an address in eu-west-1'),
  });
});

test('a configuration that does not compile is told with its place', async () => {
  const root = project({
    'tutti.config.ts': 'export const config = {\n  environments: {{ prod: {} },\n};\n',
  });
  await expect(said(root, 'plan', '--env', 'prod')).rejects.toThrow(
    /^tutti\.config\.ts:2:18: must compile, got: /,
  );
});

test('a region that is newer than the installed CDK may be named', async () => {
  const root = project({
    'tutti.config.ts': config("prod: { aws: { ...aws, region: 'eu-central-9', newRegion: true } }"),
  });
  expect(await synthSays(root)).toEqual([]);
});

const anywhere = project({});

test.each(
  `list|next sales|why sales 2026-01-01|audit sales|trigger sales|runs list|runs show sales latest|runs watch sales latest
   |runs logs sales latest|runs cancel sales latest|pause sales|unpause sales|clear sales latest
   |mark sales latest --state success|backfill preview sales --from 2026-01-01 --to 2026-01-02
   |backfill create sales --from 2026-01-01 --to 2026-01-02 --yes|backfill list|approve|plan|plan sales|deploy-check
   |gc --yes|smoke|pin sales abc|doctor`
    .split('|')
    .map((line) => [line.trim()]),
)('an environment that does not exist is refused by %s', async (line) => {
  const asked = deployment.asked.length;
  expect(await said(anywhere, ...line.split(' '), '--env', 'pord')).toEqual({
    code: 2,
    out: '',
    err: 'tutti › --env: must be local or an environment of tutti.config.ts, got "pord"; did you mean "prod"?\n',
  });
  expect(deployment.asked.length).toBe(asked);
});
