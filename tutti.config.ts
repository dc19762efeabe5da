import { defineConfig } from './lib/index.ts';
import { startShop } from './pipelines/support/shop.ts';

/** The shop's API is a small server of the process that runs a DAG, or the one that TUTTI_SHOP_URL names. */
async function shopUrl(): Promise<string> {
  // biome-ignore-start lint/style/noProcessEnv: the demo's switches; nothing in lib/ reads them
  const faults = process.env['TUTTI_DEMO_FAULTS'] === '1' ? 1 : 0;
  return process.env['TUTTI_SHOP_URL'] ?? (await startShop({ faults })).url;
  // biome-ignore-end lint/style/noProcessEnv: as above
}

export const config = defineConfig({
  pipelines: ['pipelines/*.ts'],
  environments: {
    local: {
      connections: {
        warehouse: { kind: 'sql' },
        shop: { kind: 'http', baseUrl: shopUrl },
      },
    },
  },
});
