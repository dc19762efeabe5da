import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Question {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Asks other servers over connections that are kept; unlike `fetch`, it waits for an answer as long as it takes. */
export class Asker {
  readonly #plain = new Agent({ keepAlive: true });
  readonly #secure = new SecureAgent({ keepAlive: true });

  /** Rejects when there is no answer. */
  ask(url: URL, question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = this.#send(url, question);
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // The other side closed a kept connection while this was on its way: nobody has read it.
        if (sent.reusedSocket && error.code === 'ECONNRESET') this.ask(url, question).then(resolve, reject);
        else reject(error);
      });
      sent.on('response', (response) => {
        read(response).then(resolve, reject);
      });
      sent.end(question.body);
    });
  }

  #send(url: URL, { method, headers, body, signal }: Question): ClientRequest {
    const length = String(Buffer.byteLength(body));
    const options = { method, signal, headers: { ...headers, 'content-length': length } };
    return url.protocol === 'https:'
      ? secureRequest(url, { ...options, agent: this.#secure })
      : request(url, { ...options, agent: this.#plain });
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value ?? '')]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString(),
  };
}
