/** The handlers of `lambdas/` as Lambda loads them: bundled, with the file of their environment beside them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, vi } from 'vitest';
import { CORE_FILE } from '../../lib/deployment/files.ts';

type Handler = (event: unknown, context: HandlerContext) => Promise<unknown>;

interface HandlerContext {
  readonly invokedFunctionArn: string;
  readonly getRemainingTimeInMillis: () => number;
}

export interface Handlers {
  /** Calls Core's function of that name. */
  readonly core: (name: string, event: unknown, remainingMs?: number) => Promise<unknown>;
  /** Calls the DAG's own function. */
  readonly dag: (event: unknown) => Promise<unknown>;
}

const REMAINING_MS = 60_000;

/**
 * Handlers of an environment whose services all answer at `endpoint`, until the tests of this file are over.
 *
 * @param dag text of a module in which the DAG is `own`: what the function runs
 */
export async function handlers(environment: string, endpoint: string, dag: string): Promise<Handlers> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-handlers-'));
  const log = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  afterAll(() => {
    log.mockRestore();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  const variables = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const file = { environment, bucket: 'none', notifiers: {}, retention: {}, connections: {} };
  writeFileSync(join(folder, CORE_FILE), JSON.stringify(file));
  await bundled(folder, dag);
  const context = (name: string, remainingMs: number): HandlerContext => ({
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:tutti-${environment}-${name}`,
    getRemainingTimeInMillis: () => remainingMs,
  });
  const load = async (name: string): Promise<Handler> => {
    const loaded = await import(/* @vite-ignore */ pathToFileURL(join(folder, `${name}.mjs`)).href);
    return loaded.handler;
  };
  return {
    core: async (name, event, remainingMs = REMAINING_MS) =>
      (await load(name))(event, context(name, remainingMs)),
    dag: async (event) => (await load('dag'))(event, context('dag', REMAINING_MS)),
  };
}

const CORE = ['tick', 'record', 'sweep', 'backfill', 'cancel', 'pool', 'api-read', 'api-write'];

async function bundled(folder: string, dag: string): Promise<void> {
  const shared: BuildOptions = {
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    external: ['@duckdb/node-api', '@aws-sdk/*'],
    logLevel: 'warning',
  };
  const entry = `import { dagHandler } from './lambdas/dag.ts';\n${dag}\nexport const handler = dagHandler(own);`;
  const entries = [...CORE.map((name) => [name, `export * from './lambdas/${name}.ts';`]), ['dag', entry]];
  for (const [name = '', text] of entries) writeFileSync(join(folder, `${name}.entry`), text ?? '');
  await build({
    ...shared,
    entryPoints: Object.fromEntries(entries.map(([name = '']) => [name, join(folder, `${name}.entry`)])),
    plugins: [
      {
        name: 'entries',
        setup({ onLoad }) {
          onLoad({ filter: /\.entry$/ }, ({ path }) => {
            const [, text = ''] = entries.find(([name]) => path === join(folder, `${name}.entry`)) ?? [];
            return { contents: text, loader: 'ts', resolveDir: process.cwd() };
          });
        },
      },
    ],
  });
}
