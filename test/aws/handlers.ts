/** The handlers of `lambdas/` as Lambda calls them, in this process. */
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';
import { type CoreFunction, coreFunctionName } from '../../lib/deployment/names.ts';
import { bundles } from './bundles.ts';

type Handler = (event: unknown, context: HandlerContext) => Promise<unknown>;

interface HandlerContext {
  readonly invokedFunctionArn: string;
  readonly getRemainingTimeInMillis: () => number;
}

export interface Handlers {
  /** Calls Core's function of that name. */
  readonly core: (name: CoreFunction, event: unknown) => Promise<unknown>;
  /** Calls the DAG's own function. */
  readonly dag: (event: unknown) => Promise<unknown>;
}

const REMAINING_MS = 60_000;

/**
 * Handlers of an environment whose services all answer at `endpoint`, until the tests of this file are over.
 *
 * @param dag text of a module in which the DAG is `own`: what the function runs
 */
export function handlers(environment: string, endpoint: string, dag: string): Handlers {
  const file = { environment, bucket: 'none' };
  const made = bundles({
    core: { ...file, notifiers: {}, retention: {} },
    dag: {
      file: { ...file, connections: {}, asks: { connections: [], secrets: [] } },
      code: `import { dagHandler } from './runtime.mjs';\n${dag}\nexport const handler = dagHandler(own);`,
    },
  });
  const log = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  afterAll(() => {
    log.mockRestore();
    vi.unstubAllEnvs();
    made.remove();
  });
  const variables = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const call = async (path: string, event: unknown, name: string) => {
    const { handler }: { readonly handler: Handler } = await import(path);
    return handler(event, {
      invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      getRemainingTimeInMillis: () => REMAINING_MS,
    });
  };
  return {
    core: (name, event) => call(join(made.core, `${name}.mjs`), event, coreFunctionName(environment, name)),
    dag: (event) => call(join(made.dag, 'index.mjs'), event, 'own'),
  };
}
