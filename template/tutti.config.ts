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
  },
});
