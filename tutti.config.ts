import { defineConfig } from './lib/index.ts';
import { startShop } from './pipelines/support/shop.ts';

/** The shop's API is a small server of the process that runs a DAG, or the one that TUTTI_SHOP_URL names. */
async function shopUrl(): Promise<string> {
  // biome-ignore-start lint/style/noProcessEnv: the demo's switches; nothing in lib/ reads them
  const faults = process.env['TUTTI_DEMO_FAULTS'] === '1' ? 1 : 0;
  return process.env['TUTTI_SHOP_URL'] ?? (await startShop({ faults })).url;
  // biome-ignore-end lint/style/noProcessEnv: as above
}

/** Where the samples are deployed: anywhere, so that `npx cdk synth` works as it is. */
function aws() {
  // biome-ignore-start lint/style/noProcessEnv: where to deploy is whoever deploys it
  const account = process.env['TUTTI_ACCOUNT'] ?? process.env['CDK_DEFAULT_ACCOUNT'] ?? '000000000000';
  const region = process.env['TUTTI_REGION'] ?? process.env['CDK_DEFAULT_REGION'] ?? 'us-east-1';
  // biome-ignore-end lint/style/noProcessEnv: as above
  // DuckDB's native code is installed for the machine that deploys.
  const architecture: 'arm64' | 'x86_64' = process.arch === 'arm64' ? 'arm64' : 'x86_64';
  return { account, region, architecture };
}

/** The same names there: DuckDB files in the environment's bucket, and a shop that must be given. */
const connections = {
  warehouse: { kind: 'sql' },
  shop: { kind: 'http', baseUrl: process.env['TUTTI_SHOP_URL'] ?? 'https://shop.example.com' },
} as const;

export const config = defineConfig({
  pipelines: ['pipelines/*.ts'],
  environments: {
    local: {
      connections: {
        warehouse: { kind: 'sql' },
        shop: { kind: 'http', baseUrl: shopUrl },
      },
    },
    dev: { connections, aws: aws() },
    prod: { connections, aws: { ...aws(), tags: { 'cost-centre': 'data' } } },
  },
});
