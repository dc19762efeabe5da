/** A service that runs jobs, as far as all such services are alike; what they speak is another file's. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ServedJob {
  readonly id: string;
  /** What its submission was sent with. */
  readonly token: string;
  readonly text: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
}

/** Faults that come once, each for the next request of its kind. */
interface Faults {
  /** So many submissions are throttled. */
  throttledSubmits: number;
  throttledPolls: number;
  throttledCancels: number;
  /** So many submissions take place, and are not answered. */
  lostReplies: number;
  /** Happens while a submission is on its way, before its answer. */
  duringSubmit: (() => Promise<void>) | undefined;
}

/** Jobs by token: the same token is the same job. */
export class JobService {
  readonly jobs: ServedJob[] = [];
  readonly faults: Faults = {
    throttledSubmits: 0,
    throttledPolls: 0,
    throttledCancels: 0,
    lostReplies: 0,
    duringSubmit: undefined,
  };
  /** What becomes of the next jobs as they are looked at; then `done`. */
  readonly fates: ServedJob['state'][] = [];
  /** Jobs run until they are told to end. */
  isHeld = false;
  submits = 0;

  submit(token: string, text: string): ServedJob {
    this.submits += 1;
    const known = this.jobs.find((job) => job.token === token && job.text === text);
    if (known !== undefined) return known;
    const job: ServedJob = { id: `job-${this.jobs.length + 1}`, token, text, state: 'running' };
    this.jobs.push(job);
    return job;
  }

  /** Looks at a job: one that is not held has ended by then. */
  look(id: string): ServedJob | undefined {
    const job = this.jobs.find((each) => each.id === id);
    if (job?.state === 'running' && !this.isHeld) job.state = this.fates.shift() ?? 'done';
    return job;
  }

  cancel(id: string): void {
    const job = this.jobs.find((each) => each.id === id);
    if (job?.state === 'running') job.state = 'cancelled';
  }

  get states(): readonly string[] {
    return this.jobs.map(({ state }) => state);
  }
}

export interface Served {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Each character is a byte. */
  readonly isBinary?: boolean;
}

/** Serves on a free port of 127.0.0.1; `undefined` cuts the connection. Bytes of a request are characters of `body`. */
export async function serve(
  answer: (request: IncomingMessage, body: string) => Promise<Answer | undefined>,
): Promise<Served> {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const found = await answer(request, Buffer.concat(chunks).toString('latin1'));
    if (found === undefined) {
      request.socket.destroy();
      return;
    }
    response.writeHead(found.status, found.headers);
    response.end(found.isBinary === true ? Buffer.from(found.body, 'latin1') : found.body);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500);
      response.end(String(error));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a submission meets: `throttled`, or the job, answered or not. */
export async function submitted(
  service: JobService,
  token: string,
  text: string,
): Promise<{ readonly job: ServedJob; readonly isLost: boolean } | 'throttled'> {
  const { faults } = service;
  if (faults.throttledSubmits > 0) {
    faults.throttledSubmits -= 1;
    return 'throttled';
  }
  const job = service.submit(token, text);
  const { duringSubmit } = faults;
  faults.duringSubmit = undefined;
  await duringSubmit?.();
  const isLost = faults.lostReplies > 0;
  if (isLost) faults.lostReplies -= 1;
  return { job, isLost };
}

/** Credentials of nobody. */
export const NOBODY = { accessKeyId: 'test', secretAccessKey: 'test' };
