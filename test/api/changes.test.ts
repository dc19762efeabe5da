import { describe, expect, test } from 'vitest';
import type { Json } from '../../lib/base/json.ts';
import type { World } from '../../lib/orchestrator/ports.ts';
import { dateOf, run } from '../store/build.ts';
import { type Ask, asking, seeded } from './seed.ts';

interface Told {
  readonly id?: string;
  readonly data?: {
    readonly runs: readonly { readonly run: { readonly id: string; readonly state: string } }[];
    readonly dagsChanged: readonly string[];
  } & Readonly<Record<string, Json>>;
  readonly comment?: string;
}

/** Events of a stream, as they come. */
class Stream {
  readonly end = new AbortController();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';

  constructor(response: Response) {
    if (response.body === null) throw new Error('a stream');
    this.#reader = response.body.getReader();
  }

  static async open(ask: Ask, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
    const response = await ask(path, { headers: { accept: 'text/event-stream', ...headers } });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const stream = new Stream(response);
    await stream.#part();
    return stream;
  }

  async next(): Promise<Told | undefined> {
    const part = await this.#part();
    if (part === undefined) return undefined;
    const lines = part
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)] as const);
    const fields = new Map(lines);
    const [id, data, comment] = [fields.get('id'), fields.get('data'), fields.get('')];
    return {
      ...(id === undefined ? {} : { id }),
      ...(data === undefined ? {} : { data: JSON.parse(data) }),
      ...(comment === undefined ? {} : { comment }),
    };
  }

  async #part(): Promise<string | undefined> {
    for (;;) {
      const at = this.#text.indexOf('\n\n');
      if (at >= 0) {
        const part = this.#text.slice(0, at);
        this.#text = this.#text.slice(at + 2);
        return part;
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += new TextDecoder().decode(value);
    }
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

async function finish(world: World, day: number): Promise<void> {
  await world.store.runs.update(
    { dagId: 'sales', runId: dateOf(day) },
    { states: ['running', 'failed', 'success'] },
    { state: 'success', cells: 'sss', endedAt: dateOf(day + 1) },
  );
}

async function cursorNow(ask: Ask): Promise<string> {
  return ((await (await ask('/changes')).json()) as { cursor: string }).cursor;
}

describe('changes since a cursor', () => {
  test('are none until something changes, then each run once as it is', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const since = await cursorNow(ask);
    expect((await ask(`/changes?since=${since}`)).status).toBe(304);
    await finish(world, 10);
    await finish(world, 10);
    const changes = (await (await ask(`/changes?since=${since}`)).json()) as { cursor: string };
    expect(changes).toMatchObject({
      runs: [{ run: { id: dateOf(10), state: 'success' }, grid: { c: 'sss', st: 's' } }],
      dagsChanged: [],
    });
    expect((await ask(`/changes?since=${changes.cursor}`)).status).toBe(304);
  });

  test('are of one DAG or run where that is asked', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const since = await cursorNow(ask);
    await finish(world, 10);
    const head = await world.store.dags.head('other');
    await world.store.dags.updateHead('other', head?.rev ?? 0, { paused: false });
    const of = async (scope: string) =>
      (await ask(`/changes?since=${since}&scope=${encodeURIComponent(scope)}`)).json();
    expect(await of('all')).toMatchObject({ runs: [{}], dagsChanged: ['other'] });
    expect(await of('dag:sales')).toMatchObject({ runs: [{}], dagsChanged: [] });
    expect(await of('dag:other')).toMatchObject({ runs: [], dagsChanged: ['other'] });
    expect(await of(`run:sales/${dateOf(10)}`)).toMatchObject({ runs: [{}], dagsChanged: [] });
    expect(await of(`run:sales/${dateOf(9)}`)).toMatchObject({ runs: [], dagsChanged: [] });
  });
});

describe('the stream of changes', () => {
  test('begins with a cursor, and tells what changes', async () => {
    const { world, clock } = await seeded();
    const stream = await Stream.open(asking(world), '/changes');
    expect(await clock.drive(stream.next())).toMatchObject({ data: { runs: [], dagsChanged: [] } });
    const next = stream.next();
    await finish(world, 10);
    expect(await clock.drive(next)).toMatchObject({
      data: { runs: [{ run: { id: dateOf(10), state: 'success' } }] },
    });
    await stream.cancel();
  });

  test('goes on after the last event that somebody saw', async () => {
    const { world, clock } = await seeded();
    const ask = asking(world);
    const first = await Stream.open(ask, '/changes');
    const seen = await clock.drive(first.next());
    await first.cancel();
    await finish(world, 9);
    await finish(world, 10);
    const second = await Stream.open(ask, '/changes', { 'last-event-id': seen?.id ?? '' });
    const told = await clock.drive(second.next());
    expect(told?.data?.runs.map(({ run: { id } }) => id)).toEqual([dateOf(9), dateOf(10)]);
    await second.cancel();
  });

  test('says that it lives every 15 seconds of silence', async () => {
    const { world, clock } = await seeded();
    const stream = await Stream.open(asking(world), '/changes');
    await clock.drive(stream.next());
    const before = clock.now();
    expect(await clock.drive(stream.next())).toEqual({ comment: 'heartbeat' });
    expect(clock.now() - before).toBeGreaterThanOrEqual(14_500);
    expect(clock.now() - before).toBeLessThanOrEqual(15_500);
    await stream.cancel();
  });

  test('reads the store once for all, at most every 250 ms, and not at all when nobody listens', async () => {
    const { world, clock } = await seeded();
    const reads: number[] = [];
    const { runs } = world.store;
    const counting = {
      ...world,
      store: {
        ...world.store,
        runs: {
          ...runs,
          changes(...args: Parameters<typeof runs.changes>) {
            reads.push(clock.now());
            return runs.changes(...args);
          },
        },
      },
    };
    const ask = asking(counting);
    const streams = [];
    for (let count = 0; count < 20; count++) streams.push(await Stream.open(ask, '/changes'));
    for (const stream of streams) await clock.drive(stream.next());
    reads.length = 0;
    const from = clock.now();
    await clock.drive(clock.until(from + 10_000));
    expect(reads.length).toBeGreaterThan(30);
    expect(reads.length).toBeLessThanOrEqual(41);
    for (const stream of streams) await stream.cancel();
    await clock.drive(clock.until(clock.now() + 1_000));
    reads.length = 0;
    await clock.drive(clock.until(clock.now() + 10_000));
    expect(reads).toEqual([]);
  });

  test('tells every listener everything, whenever it came', async () => {
    const { world, clock } = await seeded();
    const ask = asking(world);
    const first = await Stream.open(ask, '/changes');
    await clock.drive(first.next());
    await finish(world, 10);
    const second = await Stream.open(ask, '/changes');
    await clock.drive(second.next());
    await world.store.runs.create(run(11));
    const ids = async (stream: Stream, count: number) => {
      const seen: string[] = [];
      while (seen.length < count) {
        const told = await clock.drive(stream.next());
        seen.push(...(told?.data?.runs ?? []).map(({ run: { id } }) => id));
      }
      return seen;
    };
    expect(await ids(first, 2)).toEqual([dateOf(10), dateOf(11)]);
    expect(await ids(second, 1)).toContain(dateOf(11));
    await first.cancel();
    await second.cancel();
  });

  test('ends when its request is aborted, and when the server ends', async () => {
    const { world, clock } = await seeded();
    const end = new AbortController();
    const ask = asking(world, { signal: end.signal });
    const gone = new AbortController();
    const response = await ask('/changes', { headers: { accept: 'text/event-stream' }, signal: gone.signal });
    gone.abort();
    await expect(clock.drive(response.text())).resolves.toContain('retry: 2000');
    const stream = await Stream.open(ask, '/changes');
    await clock.drive(stream.next());
    end.abort();
    expect(await clock.drive(stream.next())).toBeUndefined();
  });

  test('is refused where changes cannot be pushed', async () => {
    const { world } = await seeded();
    const response = await asking(world, { streams: false })('/changes', {
      headers: { accept: 'text/event-stream' },
    });
    expect(await response.json()).toMatchObject({ status: 503, code: 'too-many-streams' });
  });
});
