import { afterAll, expect, test } from 'vitest';
import { dagsHere } from '../../../lib/cli/deploy/environment.ts';
import { loadPipelines } from '../../../lib/project/load.ts';
import { folder } from '../remote-rig.ts';

const { root, remove } = folder({
  'pipelines/sales.ts': `
    import { connection, dag, fn } from 'tutti';
    const shop = connection.http('shop');
    export const sales = dag('sales', {}, ({ task }) => {
      task('a', fn(async ({ http, secret }) => [await http(shop).get('/orders'), await secret('sales/key')]));
    });
    export const idle = dag('idle', { connections: [], secrets: [] }, ({ task }) => {
      task('a', fn(async () => 1));
    });
  `,
  'tutti.config.ts': `
    import { defineConfig } from 'tutti';
    export const config = defineConfig({
      environments: {
        local: { connections: { shop: { kind: 'http', baseUrl: 'http://127.0.0.1:1' } } },
        prod: {
          aws: { account: '111122223333', region: 'eu-central-1' },
          connections: { shop: { kind: 'http', baseUrl: 'https://shop.example.com', secret: 'prod/shop' } },
        },
      },
    });
  `,
});
afterAll(remove);

test('rights of a DAG are those that its functions have, secrets among them', async () => {
  const found = dagsHere({ ...(await loadPipelines({ root })), root }, 'prod');
  const secretsOf = (id: string) =>
    found
      .find(({ dag }) => dag.id === id)
      ?.permissions.filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'))
      .flatMap(({ resources }) => resources);
  expect(secretsOf('sales')).toEqual([
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/shop-??????',
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:sales/key-??????',
  ]);
  expect(secretsOf('idle')).toEqual([]);
});
