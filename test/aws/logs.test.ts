import type { FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cloudWatchLogs, type LogPlace } from '../../lib/aws/logs.ts';
import type { LoggedTryKey, LogPage } from '../../lib/orchestrator/ports.ts';

const START_MS = Date.parse('2026-01-05T02:00:00Z');
const OF = { dag: 'sales', run: '2026-01-05T01:00:00Z', attempt: '2', task: 'load', try: 1 };
const KEY: LoggedTryKey = {
  execution: 'scheduled-2026-01-05T010000Z-2-3f2a9c1b',
  task: 'load',
  try: 1,
  run: { dagId: 'sales', runId: OF.run, attempt: 2, startMs: START_MS, endMs: START_MS + 60_000 },
};

interface Event {
  readonly timestamp: number;
  readonly message: string;
}

function line(n: number, atMs: number, over: object = {}): Event {
  const level = n % 10 === 0 ? 'error' : 'info';
  const at = new Date(atMs).toISOString();
  return {
    timestamp: atMs,
    message: `${JSON.stringify({ at, level, message: `line ${n}`, fields: { n }, ...OF, ...over })}\n`,
  };
}

/** Events of a log group in pages of `size`, every other one empty, as CloudWatch may give them; whatever the pattern. */
function group(events: readonly Event[], size = 7, tickMs = 0) {
  const asked: FilterLogEventsCommandInput[] = [];
  let now = START_MS;
  const filter = async (input: FilterLogEventsCommandInput) => {
    asked.push(input);
    now += tickMs;
    const { startTime = 0, endTime = Number.POSITIVE_INFINITY, nextToken = '0' } = input;
    if (nextToken.endsWith('empty')) return { events: [], nextToken: nextToken.replace('empty', '') };
    const found = events.filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime);
    const to = Number(nextToken) + size;
    return {
      events: found.slice(Number(nextToken), to),
      ...(to < found.length ? { nextToken: `${to}empty` } : {}),
    };
  };
  const place: LogPlace = { filter, group: '/tutti/prod', clock: { now: () => now } };
  return { logs: cloudWatchLogs(place), asked };
}

const numbers = (page: LogPage) => page.lines.map(({ n }) => n);
const from1 = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the log of a try', () => {
  test('is its lines alone, whatever the pattern finds', async () => {
    const others = [
      { task: 'other' },
      { try: 2 },
      { attempt: '1' },
      { run: 'x' },
      { dag: 'x' },
      { instance: '0' },
    ];
    const { logs, asked } = group([
      ...others.map((over, index) => line(90 + index, START_MS, over)),
      line(1, START_MS + 1),
      { timestamp: START_MS + 2, message: 'REPORT RequestId: 1 Duration: 3 ms' },
      { timestamp: START_MS + 3, message: '{"type":"platform.report"}' },
      line(2, START_MS + 4),
    ]);
    expect(await logs.read(KEY, {})).toEqual({
      lines: [1, 2].map((n) => ({
        n,
        at: new Date(START_MS + (n === 1 ? 1 : 4)).toISOString(),
        level: 'info',
        message: `line ${n}`,
        fields: { n },
      })),
      next: `2-${START_MS + 4}-1`,
      end: true,
    });
    expect(asked[0]).toEqual({
      logGroupName: '/tutti/prod',
      filterPattern:
        '{ ($.dag = "sales") && ($.run = "2026-01-05T01:00:00Z") && ($.attempt = "2") && ($.task = "load") && ($.try = 1) }',
      startTime: START_MS - 60_000,
      endTime: START_MS + 360_000,
      nextToken: undefined,
    });
  });

  test('of an instance is that of the instance', async () => {
    const { logs, asked } = group([line(1, START_MS), line(2, START_MS, { instance: '3' })]);
    const page = await logs.read({ ...KEY, instance: '3' }, {});
    expect(page.lines.map(({ message }) => message)).toEqual(['line 2']);
    expect(asked[0]?.filterPattern).toContain('($.instance = "3")');
  });

  test('gives every line once, in order, read back from its end or on from its start, by pages of any size', async () => {
    const gaps = fc.array(fc.nat(2), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        gaps,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        async (steps, limit, size) => {
          let atMs = START_MS;
          const events = steps.map((gap, index) => {
            atMs += gap;
            return line(index + 1, atMs);
          });
          const { logs } = group(events, size);
          let back = await logs.read(KEY, { limit });
          const end = back.next;
          let lines = numbers(back);
          while (back.prev !== undefined) {
            back = await logs.read(KEY, { before: back.prev, limit });
            lines = [...numbers(back), ...lines];
          }
          expect(lines).toEqual(from1(steps.length));
          const on: number[] = [];
          let page = await logs.read(KEY, { after: '0-0-0', limit });
          on.push(...numbers(page));
          while (!page.end) {
            page = await logs.read(KEY, { after: page.next, limit });
            on.push(...numbers(page));
          }
          expect(on).toEqual(from1(steps.length));
          expect(page.next).toBe(end);
        },
      ),
    );
  });

  test('goes on where it ended, once more is written', async () => {
    const events = from1(3).map((n) => line(n, START_MS));
    const { logs, asked } = group(events, 100);
    const { next } = await logs.read(KEY, {});
    events.push(line(4, START_MS), line(5, START_MS + 1));
    const more = await logs.read(KEY, { after: next });
    expect([numbers(more), more.end, more.lines.map(({ message }) => message)]).toEqual([
      [4, 5],
      true,
      ['line 4', 'line 5'],
    ]);
    expect(asked[1]?.startTime).toBe(START_MS);
  });

  test('by level and text, with the numbers that lines have', async () => {
    const { logs } = group(from1(40).map((n) => line(n, START_MS + n)));
    expect(numbers(await logs.read(KEY, { level: 'error' }))).toEqual([10, 20, 30, 40]);
    expect(numbers(await logs.read(KEY, { text: 'LINE 3', limit: 2 }))).toEqual([38, 39]);
    expect(numbers(await logs.read(KEY, { text: '"n":7' }))).toEqual([7]);
  });

  test('ends where its time is over, and says that more may follow', async () => {
    const { logs } = group(
      from1(40).map((n) => line(n, START_MS + n)),
      5,
      3_000,
    );
    const page = await logs.read(KEY, {});
    expect([numbers(page), page.end, page.prev]).toEqual([from1(10), false, undefined]);
    const next = await logs.read(KEY, { after: page.next });
    expect([numbers(next)[0], next.end]).toEqual([11, false]);
  });

  test('is empty where no run is named, and of a cursor that is none refused', async () => {
    const { logs, asked } = group([line(1, START_MS)]);
    const { run: _, ...key } = KEY;
    expect(await logs.read(key, {})).toEqual({ lines: [], next: '0-0-0', end: true });
    expect(asked).toEqual([]);
    await expect(logs.read(KEY, { after: 'x' })).rejects.toMatchObject({ code: 'invalid-cursor' });
  });

  test('of a group that is not there is empty, and another fault is told', async () => {
    const failing = (name: string) =>
      cloudWatchLogs({
        filter: () =>
          Promise.reject(Object.assign(new Error('The specified log group does not exist.'), { name })),
        group: '/tutti/gone',
        clock: { now: () => START_MS },
      });
    expect(await failing('ResourceNotFoundException').read(KEY, {})).toEqual({
      lines: [],
      next: '0-0-0',
      end: true,
    });
    await expect(failing('AccessDeniedException').read(KEY, {})).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('ends where a token comes again, with each line once', async () => {
    const asked: (string | undefined)[] = [];
    const logs = cloudWatchLogs({
      filter: async ({ nextToken }) => {
        asked.push(nextToken);
        const n = asked.length;
        return {
          events: [line(n, START_MS + n)],
          searchedLogStreams: [],
          nextToken: nextToken === undefined ? 'a' : 'b',
        };
      },
      group: '/tutti/prod',
      clock: { now: () => START_MS },
    });
    const page = await logs.read(KEY, {});
    expect([numbers(page), page.end, asked]).toEqual([[1, 2, 3], true, [undefined, 'a', 'b']]);
  });
});
