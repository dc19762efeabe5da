import type { Answer, Asker } from '../ask.ts';
import { unreachable } from './service.ts';

/** An emulator of AWS, and who asks it. */
export interface Outside {
  readonly asker: Asker;
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
}

interface Ask {
  /** As in a request's signature: `dynamodb`. */
  readonly service: string;
  /** How its errors begin: `DynamoDb`. */
  readonly prefix: string;
  readonly method?: string;
  /** @default '/' */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Asks a service. @throws {TaskError} `SdkClientException` when nobody answers */
export async function askService(outside: Outside, ask: Ask): Promise<Answer> {
  const url = new URL(ask.path ?? '/', outside.endpoint);
  const { method = 'POST', body, signal } = ask;
  const headers = { ...ask.headers, ...unsigned(outside, ask.service) };
  try {
    return await outside.asker.ask(url, { method, headers, body, signal });
  } catch (thrown) {
    throw unreachable(ask.prefix, url, thrown);
  }
}

/** Emulators read region and service from a signature's scope and check nothing: this one signs nothing. */
function unsigned({ account, region }: Outside, service: string): Readonly<Record<string, string>> {
  const date = new Date(Date.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${account}/${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  return {
    'x-amz-date': date,
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
  };
}
