/** What bodies ask of their environment, found in what a DAG's files say. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { asksIn } from '../../lib/project/asks-in.ts';
import { loadPipelines } from '../../lib/project/load.ts';
import { temporaryFolder } from '../local/dag.ts';

test.each([
  [`const shop = connection.http('shop'); http(shop)`, ['shop']],
  [`const shop: HttpConnection = connection.http("shop"); http(shop)`, ['shop']],
  [
    `export const all = { shop: connection.http('shop'), stock: connection.http('stock') }; http(all.shop)`,
    ['shop'],
  ],
  [`http(connection.http('shop'))`, ['shop']],
  [`const shop = connection\n  .http(\n\`shop\`); http(shop)`, ['shop']],
  [`const shop = connection.http('shop');`, []],
  [`const shop = connection.http('shop'); shopping(my$shop)`, []],
  [`// const shop = connection.http('shop');\n/* connection.http('b') */ http(shop)`, []],
  [`const url = 'https://a'; const shop = connection.http('shop'); http(shop)`, ['shop']],
  [`const shop = connection.http(name); http(shop)`, []],
  [`const lake = connection.sql('lake'); http(lake)`, []],
])('connections of %j', (text, connections) => {
  expect(asksIn([text])).toEqual({ connections, secrets: [] });
});

test.each([
  [`await secret('a'); secret("b/c"); ctx.secret(\`d\`)`, ['a', 'b/c', 'd']],
  [`secret(name); secret(\`a/\${b}\`); notSecret('x'); // secret('e')`, []],
])('secrets of %j', (text, secrets) => {
  expect(asksIn([text]).secrets).toEqual(secrets);
});

// Read again at each letter it would take hours.
test('a file of a megabyte may be one long word', () => {
  const text = `const data = '${'a1'.repeat(500_000)}'; const shop = connection.http('shop'); http(shop)`;
  expect(asksIn([text, text.replaceAll("'", '')]).connections).toEqual(['shop']);
});

test('what a DAG’s file imports counts, what others import does not, and options say it instead', async () => {
  const root = project({
    'services.js': `import { connection } from 'tutti';
export const shop = connection.http('shop');
export const payroll = connection.http('payroll');`,
    'read.js': `import { shop } from './services.js';
export const read = async ({ http, secret }) => [await http(shop).get('/'), await secret('key')];`,
    'pipelines/a.ts': `import { dag, fn } from 'tutti';
import { read } from '../read.js';
export const a = dag('a', {}, ({ task }) => void task('t', fn(read)));`,
    'pipelines/b.ts': `import { dag, fn } from 'tutti';
import { payroll, shop } from '../services.js';
export const b = dag('b', { connections: [payroll] }, ({ task }) => void task('t', fn(({ http }) => void http(shop))));`,
    'pipelines/c.ts': `import { connection, dag, http } from 'tutti';
const shop = connection.http('shop');
export const c = dag('c', {}, ({ task }) => void task('t', http.request({ connection: shop, path: '/' })));`,
  });
  const { dags, problems } = await loadPipelines({ root });
  expect(problems).toEqual([]);
  expect(dags.map(({ dag }) => [dag.id, dag.asks])).toEqual([
    ['a', { connections: ['shop'], secrets: ['key'] }],
    ['b', { connections: ['payroll'], secrets: [] }],
    ['c', { connections: [], secrets: [] }],
  ]);
});

test('options that name something else are refused', async () => {
  const root = project({
    'pipelines/a.ts': `import { connection, dag, fn } from 'tutti';
export const a = dag('a', { connections: [connection.sql('lake'), 'shop'], secrets: ['a b'], include: ['/etc/passwd'] }, ({ task }) => void task('t', fn(() => 1)));`,
  });
  const { problems } = await loadPipelines({ root });
  expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'dag "a" › connections: must be a list of HTTP connections, got one of kind sql',
    'dag "a" › connections: must be a list of HTTP connections, got "shop"',
    'dag "a" › secrets: must be a list of names or ARNs of secrets, with * at the end at most, got "a b"',
    'dag "a" › include: must be a list of globs from the project\'s folder, got "/etc/passwd"',
  ]);
});

function project(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}
