import { defineConfig } from './lib/index.ts';
import { startShop } from './pipelines/support/shop.ts';

/**
 * The shop's API is a small server of this process, or the one that TUTTI_SHOP_URL names: a task that
 * runs in a child process inherits the variable and asks the same server.
 */
async function shopUrl(): Promise<string> {
  // biome-ignore-start lint/style/noProcessEnv: the demo's switches; nothing in lib/ reads them
  const faults = process.env['TUTTI_DEMO_FAULTS'] === '1' ? 1 : 0;
  process.env['TUTTI_SHOP_URL'] ??= (await startShop({ faults })).url;
  return process.env['TUTTI_SHOP_URL'];
  // biome-ignore-end lint/style/noProcessEnv: as above
}

export const config = defineConfig({
  pipelines: ['pipelines/*.ts'],
  environments: {
    local: {
      connections: {
        warehouse: { kind: 'sql' },
        shop: { kind: 'http', baseUrl: await shopUrl() },
      },
    },
  },
});
