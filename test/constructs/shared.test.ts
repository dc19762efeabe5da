import { expect, test } from 'vitest';
import { unsharedConnections } from '../../lib/constructs/guards/shared.ts';
import type { TuttiConfig } from '../../lib/model/environment.ts';

const AWS = { account: '111122223333', region: 'eu-central-1' };
const SHOP = { kind: 'http', baseUrl: 'https://shop.example.com' } as const;

test('an HTTP connection that one deployed environment lacks is refused, with who has it', () => {
  const config: TuttiConfig = {
    environments: {
      local: { connections: { shop: { kind: 'http', baseUrl: async () => 'http://127.0.0.1:1' } } },
      dev: { aws: AWS, connections: { shop: SHOP } },
      prod: { aws: AWS, connections: { warehouse: { kind: 'sql' } } },
    },
  };
  expect(unsharedConnections(config)).toEqual([
    {
      code: 'unbound-connection',
      path: 'environment "prod" › connections.shop',
      message: 'must be bound, as it is in "local", got nothing',
      remedy: `write shop: { kind: 'http', baseUrl: 'https://…' }, or take it out of "local"`,
    },
  ]);
});

test('SQL connections are told by the DAGs that use them, and laptops need none', () => {
  const config: TuttiConfig = {
    environments: {
      local: {},
      dev: { aws: AWS, connections: { shop: SHOP, warehouse: { kind: 'sql' } } },
      prod: { aws: AWS, connections: { shop: SHOP } },
    },
  };
  expect(unsharedConnections(config)).toEqual([]);
});
