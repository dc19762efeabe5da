/** Step Functions on this machine: its API, its language in JSONata, its history. State is in memory and ends with it. */
import { once } from 'node:events';
import { RefusedError } from '../base/errors.ts';
import { systemClock } from '../local/clock.ts';
import { stepFunctions } from './api.ts';
import { Asker } from './ask.ts';
import { parseMocks } from './resources/mock-config.ts';
import { serve } from './server.ts';

export interface SfnOptions {
  /** 0 for a free one. @default 0 */
  readonly port?: number;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** 12 digits. @default '000000000000' */
  readonly account?: string;
  /** Where functions are invoked, `http://127.0.0.1:9001`. @default `endpointUrl` */
  readonly lambdaEndpoint?: string | undefined;
  /** Where all other services are asked. @default none: DynamoDB is an in-process table, the others fail */
  readonly endpointUrl?: string | undefined;
  /** A MockConfigFile of Step Functions Local: its text, and its name for messages. */
  readonly mocks?: { readonly text: string; readonly file: string } | undefined;
  /** Closed executions that are kept; the oldest go first. @default 10,000 */
  readonly keep?: number;
}

export interface SfnServer {
  /** `http://127.0.0.1:8083` */
  readonly endpoint: string;
  readonly port: number;
  /** Ends connections, and forgets everything. */
  readonly close: () => Promise<void>;
}

const KEPT_EXECUTIONS = 10_000;

/** Text in the histories of closed executions, in characters: about 200 MB. */
const KEPT_CHARACTERS = 200_000_000;

/**
 * Starts a server on 127.0.0.1; resolves when it answers.
 *
 * @throws {RefusedError} `invalid-mocks`, `invalid-endpoint`, `port-in-use`
 */
export async function startSfn(options: SfnOptions = {}): Promise<SfnServer> {
  const { region = 'us-east-1', account = '000000000000', mocks, keep = KEPT_EXECUTIONS } = options;
  const asker = new Asker();
  const { calls, stop } = stepFunctions({
    world: { region, account, clock: systemClock, random: Math.random },
    endpoints: {
      lambda: checkedUrl(options.lambdaEndpoint, 'lambda-endpoint'),
      services: checkedUrl(options.endpointUrl, 'endpoint-url'),
      mocks: mocks === undefined ? undefined : parseMocks(mocks.text, mocks.file),
    },
    asker,
    retention: { executions: keep, characters: KEPT_CHARACTERS },
  });
  const server = serve(calls);
  const wanted = options.port ?? 0;
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening').catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RefusedError('port-in-use', `port ${wanted}: ${why}; choose another, or 0 for a free one`, {
      cause,
    });
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wanted;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    async close() {
      stop();
      asker.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function checkedUrl(value: string | undefined, option: string): string | undefined {
  if (value === undefined) return undefined;
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value;
  throw new RefusedError(
    'invalid-endpoint',
    `${option}: must be a URL such as http://127.0.0.1:9001, got "${value}"`,
  );
}
