/** What `tutti gc` says and does, of an account with one role that nothing has. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LocalWorld } from '../../../lib/local/world.ts';
import { type Deployment, deployed, folder, listening, said, signIn, worldOf } from '../remote-rig.ts';

const ME = {
  accessKeyId: 'AKIDOPERATOR',
  secretAccessKey: 'operator-secret',
  userArn: 'arn:aws:sts::123456789012:assumed-role/Operator/ann@example.com',
};
const project = folder({
  'tutti.config.ts': `
    import { defineConfig } from 'tutti';
    export const config = defineConfig({
      environments: { local: {}, prod: { aws: { account: '123456789012', region: 'eu-central-1' } } },
    });
  `,
  'pipelines/sales.ts': `
    import { dag, fn } from 'tutti';
    export const sales = dag('sales', {}, ({ task }) => void task('a', fn(async () => 1)));
  `,
});
const ROLE = `<member><Path>/tutti/prod/sales/1a2b/</Path><RoleName>old</RoleName><RoleId>i</RoleId>
  <Arn>arn:aws:iam::123456789012:role/tutti/prod/sales/1a2b/old</Arn><CreateDate>2020-01-01T00:00:00Z</CreateDate></member>`;

let world: LocalWorld;
let deployment: Deployment;
let aws: Awaited<ReturnType<typeof listening>>;
let roles = '';
/** Actions of IAM that are not allowed. */
let denied: readonly string[] = [];
const deleted: string[] = [];

beforeAll(async () => {
  world = await worldOf(project.root);
  deployment = await deployed({ world, principals: [ME] });
  aws = await listening(async (request) => {
    const asked = new URLSearchParams(await request.text());
    const action = asked.get('Action');
    if (action === null) return Response.json({ stateMachines: [], Functions: [] });
    if (denied.includes(action))
      return new Response(
        `<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform: iam:${action}</Message></Error></ErrorResponse>`,
        { status: 403 },
      );
    if (action === 'DeleteRole') deleted.push(asked.get('RoleName') ?? '');
    const list = action === 'ListRoles' ? `<Roles>${roles}</Roles>` : '';
    return new Response(`<${action}Response><${action}Result>${list}</${action}Result></${action}Response>`);
  });
  signIn(ME, { SSM: deployment.endpoint, SFN: aws.url, LAMBDA: aws.url, IAM: aws.url });
});

afterAll(async () => {
  await Promise.all([deployment.close(), aws.close(), world.close()]);
  project.remove();
});

beforeEach(() => {
  roles = ROLE;
  denied = [];
  deleted.length = 0;
});

const gc = (...argv: readonly string[]) => said(project.root, 'gc', '--env', 'prod', ...argv);
const REMOVED = { environment: 'prod', machineVersions: [], functionVersions: [], roles: ['old'] };

test('a dry run removes nothing', async () => {
  expect(await gc('--dry-run')).toEqual({
    code: 0,
    out: '  old\nwould remove no machine versions, no function versions and 1 role\n',
    err: '',
  });
  const { out } = await gc('--dry-run', '--json');
  expect(JSON.parse(out)).toEqual({ ...REMOVED, dryRun: true });
  expect(deleted).toEqual([]);
});

test('without --yes nobody is there to be asked: one document says so', async () => {
  const { code, out } = await gc('--json');
  expect({ code, told: JSON.parse(out) }).toMatchObject({ code: 2, told: { error: { code: 'needs-yes' } } });
  expect(deleted).toEqual([]);
});

test('with it what was removed is told once, and then there is nothing', async () => {
  const { code, out } = await gc('--yes', '--json');
  expect({ code, told: JSON.parse(out) }).toEqual({ code: 0, told: REMOVED });
  expect(deleted).toEqual(['old']);
  roles = '';
  expect(await gc('--yes')).toEqual({ code: 0, out: 'prod: nothing to remove\n', err: '' });
});

test.each([['ListRoles'], ['DeleteRole']])('who may not %s is told what to ask for', async (action) => {
  denied = [action];
  const { code, err } = await gc('--yes');
  expect({ code, err }).toEqual({
    code: 5,
    err: `tutti gc › prod: must be allowed to you, got "not authorized to perform: iam:${action}"; ask for the managed policy tutti-prod-operator, or use another AWS_PROFILE\n`,
  });
});

test.each([['gc'], ['smoke'], ['deploy-check']])(
  '%s asks for the name of an environment',
  async (command) => {
    expect(await said(project.root, command)).toEqual({
      code: 2,
      out: '',
      err: `tutti ${command} › --env: must be an environment on AWS, got none; write --env prod\n`,
    });
  },
);
