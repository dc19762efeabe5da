import { defineConfig } from 'tutti';

/** What the names in pipelines mean, per environment. */
export const config = defineConfig({
  pipelines: ['pipelines/*.ts'],
  environments: {
    local: {
      connections: {
        // A DuckDB file under .tutti/
        warehouse: { kind: 'sql' },
      },
    },
    // npx cdk deploy 'dev/*'
    dev: {
      connections: {
        // A DuckDB file in the environment's bucket; `engine: 'athena'` for more than one DAG can hold.
        warehouse: { kind: 'sql' },
      },
      aws: {
        account: process.env['CDK_DEFAULT_ACCOUNT'] ?? '000000000000',
        region: process.env['CDK_DEFAULT_REGION'] ?? 'us-east-1',
        // DuckDB's native code is installed for the machine that deploys.
        architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
      },
    },
  },
});
