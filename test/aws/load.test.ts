/** What a function does before its first call: whatever it need not do then makes every cold start slower. */
import { build, type Metafile } from 'esbuild';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { CORE_FUNCTIONS } from '../../lib/deployment/names.ts';

describe('a function of Core', () => {
  test.each(CORE_FUNCTIONS)('%s makes no schema', async (name) => {
    const { handler } = await import(`../../lambdas/${name}.ts`);
    expect(handler).toBeTypeOf('function');
    expect(hasSchemas()).toBe(false);
  });

  test('shows a schema that is made', () => {
    z.string();
    expect(hasSchemas()).toBe(true);
  });
});

describe('loaded at start', async () => {
  const names = [...CORE_FUNCTIONS, 'runtime'];
  const metafile = await bundled(names);

  // An import of these reads all they have: standard streams are made for it.
  test.each(names)('%s imports none of node:process and node:util', (name) => {
    const { packages } = startOf(metafile, name);
    expect(packages).toContain('node:path');
    expect(packages).not.toContain('node:process');
    expect(packages).not.toContain('node:util');
  });

  test('a DAG brings no rules: they were asked as it was deployed', () => {
    const { files } = startOf(metafile, 'runtime');
    expect(files).toContain('lib/dsl/dag.ts');
    expect(files).not.toContain('lib/compiler/check-dag.ts');
  });
});

/** Whether a schema was ever made in this process: the first one sets the language of messages. */
function hasSchemas(): boolean {
  return z.config().localeError !== undefined;
}

async function bundled(names: readonly string[]): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: names.map((name) => `lambdas/${name}.ts`),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    external: ['@duckdb/node-api', '@aws-sdk/*'],
    outdir: 'unused',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return metafile;
}

/** Files whose code an entry loads with itself, and what it imports of Node and packages. */
function startOf({ outputs }: Metafile, name: string) {
  const loaded = new Set([`unused/${name}.js`]);
  const parts: Metafile['outputs'][string][] = [];
  for (const path of loaded) {
    const part = outputs[path];
    if (part === undefined) continue;
    parts.push(part);
    for (const to of importsOf(part)) loaded.add(to.path);
  }
  const inputs = parts.flatMap((part) => Object.entries(part.inputs));
  return {
    files: inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file),
    packages: parts.flatMap(importsOf).flatMap(({ path, external }) => (external === true ? path : [])),
  };
}

function importsOf({ imports }: Metafile['outputs'][string]) {
  return imports.filter(({ kind }) => kind === 'import-statement');
}
