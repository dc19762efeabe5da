import { describe, expect, test } from 'vitest';
import { ROUTES } from '../../lib/api/routes.ts';
import { EXAMPLES } from './examples.ts';
import { asking, seeded } from './seed.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  readonly components: { readonly schemas: object };
}

describe('the OpenAPI document', async () => {
  const { world } = await seeded();
  const document = (await (await asking(world)('/openapi.json')).json()) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
  );
  const hash = (await world.store.dags.head('sales'))?.version ?? '';

  test('tells every route', () => {
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(
      ROUTES.map(({ id }) => id).sort(),
    );
    expect(document.openapi).toBe('3.1.1');
  });

  test('names no schema that it does not have', () => {
    const named = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref);
    const there = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...new Set(named)].filter((ref) => !there.includes(ref))).toEqual([]);
  });

  test.each(operations)('$operationId answers as $method $path says', async ({ operationId, method }) => {
    const route = ROUTES.find(({ id }) => id === operationId);
    const example = EXAMPLES[operationId]?.(hash);
    if (route === undefined || example === undefined) throw new Error(`no example of ${operationId}`);
    const { path, ...asked } = example;
    const { world: fresh } = await seeded();
    const response = await asking(fresh)(path, asked);
    const reply = await response.json();
    expect({ status: response.status, method, reply }).toMatchObject({
      status: route.status,
      method: route.method.toLowerCase(),
    });
    expect(route.reply().parse(reply)).toEqual(reply);
  });
});
