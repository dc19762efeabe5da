/** IAM at the edge of this process, with the rules that removing meets: what is in use is not deleted. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { IAMClient } from '@aws-sdk/client-iam';
import { onTestFinished } from 'vitest';

export interface FakeRole {
  readonly path: string;
  /** Names of policies that are its own. */
  readonly inline: string[];
  /** ARNs of managed policies. */
  readonly attached: string[];
}

export interface FakeIam {
  readonly client: IAMClient;
  readonly roles: Map<string, FakeRole>;
  /** ARNs. */
  readonly policies: Set<string>;
  /** Actions that changed something, with what. */
  readonly done: string[];
}

const CREATED = '2026-01-01T00:00:00Z';

export async function fakeIam(
  roles: Readonly<Record<string, FakeRole>>,
  policies: readonly string[],
): Promise<FakeIam> {
  const made = { roles: new Map(Object.entries(roles)), policies: new Set(policies), done: [] };
  const server = createServer(async (request, response) => {
    const asked = new URLSearchParams(await text(request));
    const [status, body] = answer(made, asked);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = new IAMClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return { ...made, client };
}

type State = Omit<FakeIam, 'client'>;

function answer(state: State, asked: URLSearchParams): readonly [status: number, body: string] {
  const action = asked.get('Action') ?? '';
  try {
    const result = work(state, action, asked);
    return [200, `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`];
  } catch (error) {
    const code = error instanceof Error ? error.message : '';
    const status = code === 'NoSuchEntity' ? 404 : 409;
    return [
      status,
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${code}</Message></Error></ErrorResponse>`,
    ];
  }
}

function work({ roles, policies, done }: State, action: string, asked: URLSearchParams): string {
  const of = (key: string) => asked.get(key) ?? '';
  const [name, policy, arn] = [of('RoleName'), of('PolicyName'), of('PolicyArn')];
  if (action === 'ListRoles') {
    const prefix = asked.get('PathPrefix') ?? '/';
    const found = [...roles].filter(([, { path }]) => path.startsWith(prefix));
    return list('Roles', found.map(roleText));
  }
  if (action === 'DeletePolicy') {
    if (!policies.has(arn)) throw new Error('NoSuchEntity');
    if ([...roles.values()].some(({ attached }) => attached.includes(arn))) throw new Error('DeleteConflict');
    policies.delete(arn);
    done.push(`DeletePolicy ${arn}`);
    return '';
  }
  const role = roles.get(name);
  if (role === undefined) throw new Error('NoSuchEntity');
  switch (action) {
    case 'ListRolePolicies':
      return list('PolicyNames', role.inline);
    case 'ListAttachedRolePolicies':
      return list(
        'AttachedPolicies',
        role.attached.map((each) => `<PolicyArn>${each}</PolicyArn>`),
      );
    case 'DeleteRolePolicy':
      take(role.inline, policy);
      break;
    case 'DetachRolePolicy':
      take(role.attached, arn);
      break;
    default:
      if (role.inline.length + role.attached.length > 0) throw new Error('DeleteConflict');
      roles.delete(name);
  }
  done.push(`${action} ${[name, policy, arn].filter((each) => each !== '').join(' ')}`);
  return '';
}

function take(names: string[], name: string): void {
  if (!names.includes(name)) throw new Error('NoSuchEntity');
  names.splice(names.indexOf(name), 1);
}

function list(name: string, members: readonly string[]): string {
  const items = members.map((each) => `<member>${each}</member>`).join('');
  return `<${name}>${items}</${name}><IsTruncated>false</IsTruncated>`;
}

function roleText([name, { path }]: readonly [string, FakeRole]): string {
  const arn = `arn:aws:iam::111122223333:role${path}${name}`;
  return `<RoleName>${name}</RoleName><Path>${path}</Path><Arn>${arn}</Arn><CreateDate>${CREATED}</CreateDate>`;
}
