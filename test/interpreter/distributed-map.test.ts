import { describe, expect, test } from 'vitest';
import type { Branch, MapState } from '../../lib/asl/states.ts';
import type { Json } from '../../lib/base/json.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { LAMBDA, machine, run, single, timed } from './machine.ts';

const passes: Branch = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };
const tasks: Branch = { StartAt: 'T', States: { T: { Type: 'Task', Resource: LAMBDA, End: true } } };

const numbers = (length: number) => Array.from({ length }, (_, index) => index);

const distributed = (more: Partial<MapState> = {}, processor: Branch = passes) =>
  single({
    Type: 'Map',
    ItemProcessor: { ...processor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
    ...more,
    End: true,
  });

describe('a distributed Map', () => {
  test('keeps the events of its children out of its own history', async () => {
    const result = await run(distributed(), [1, 2]);
    expect(result).toMatchObject({ output: [1, 2], transitions: 3 });
    expect(result.types).toStrictEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('takes the members of an object, with their keys', async () => {
    expect((await run(distributed(), { a: 1, b: 2 })).output).toStrictEqual([
      { Key: 'a', Value: 1 },
      { Key: 'b', Value: 2 },
    ]);
  });

  test('does not show its children the outer variables', async () => {
    const reads: Branch = {
      StartAt: 'P',
      States: { P: { Type: 'Pass', Output: '{% $exists($x) %}', End: true } },
    };
    const states = machine({
      A: { Type: 'Pass', Assign: { x: 1 }, Next: 'S' },
      ...distributed({}, reads).States,
    });
    expect((await run(states, [0])).output).toStrictEqual([false]);
  });

  const odd = ({ arguments: n }: { arguments: Json }) => {
    if (Number(n) % 2 === 1) throw new Error('odd');
    return n;
  };

  test.each([
    [{}, 'FAILED'],
    [{ ToleratedFailureCount: 4 }, 'FAILED'],
    [{ ToleratedFailureCount: 5 }, 'SUCCEEDED'],
    [{ ToleratedFailurePercentage: 49 }, 'FAILED'],
    [{ ToleratedFailurePercentage: 50 }, 'SUCCEEDED'],
    [{ ToleratedFailurePercentage: 100, ToleratedFailureCount: 2 }, 'FAILED'],
  ])('with %j and half of its ten items failing is %s', async (tolerance, status) => {
    const result = await run(distributed(tolerance, tasks), numbers(10), { resources: odd });
    expect(result.status).toBe(status);
    if (status === 'SUCCEEDED') {
      expect(result.output).toStrictEqual([0, 2, 4, 6, 8]);
      return;
    }
    expect(result.error).toBe('States.ExceedToleratedFailureThreshold');
    expect(result.types.slice(-3)).toStrictEqual(['MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
  });

  test('puts items together in batches, with what they share', async () => {
    const ItemBatcher = { MaxItemsPerBatch: 2, BatchInput: { day: '{% $states.context.Execution.Name %}' } };
    const result = await run(distributed({ ItemBatcher }), [1, 2, 3], { execution: { name: 'today' } });
    expect(result.output).toStrictEqual([
      { BatchInput: { day: 'today' }, Items: [1, 2] },
      { BatchInput: { day: 'today' }, Items: [3] },
    ]);
  });

  test('keeps a batch below its number of bytes', async () => {
    const ItemBatcher = { MaxInputBytesPerBatch: '{"Items":["aaaa","bbbb"]}'.length };
    const result = await run(distributed({ ItemBatcher }), ['aaaa', 'bbbb', 'cccc']);
    expect(result.output).toStrictEqual([{ Items: ['aaaa', 'bbbb'] }, { Items: ['cccc'] }]);
  });

  test('counts failed items, not failed batches', async () => {
    const resources = () => {
      throw new Error('batch');
    };
    const more = { ItemBatcher: { MaxItemsPerBatch: 5 }, ToleratedFailureCount: 4 };
    expect(await run(distributed(more, tasks), numbers(5), { resources })).toMatchObject({
      status: 'FAILED',
    });
  });

  test('runs as many children at a time as it may', async () => {
    const clock = new VirtualClock(0);
    const resources = timed(clock, () => ({ seconds: 1 }));
    const result = await run(distributed({ MaxConcurrency: 4 }, tasks), numbers(10), { clock, resources });
    expect(result.seconds).toBe(3);
  });

  test('writes its results where ResultWriter says', async () => {
    const written: Json[] = [];
    const ResultWriter = {
      Resource: 'arn:aws:states:::s3:putObject',
      Arguments: { Bucket: 'b', Prefix: 'out' },
    };
    const resources = (call: { resource: string; arguments: Json }) => {
      if (call.resource.endsWith('putObject')) written.push(call.arguments);
      return null;
    };
    const result = await run(distributed({ ResultWriter }), [1, 2], { resources });
    expect(result.output).toMatchObject({ ResultWriterDetails: { Bucket: 'b', Key: 'out/S/manifest.json' } });
    expect(written).toMatchObject([{ Key: 'out/S/SUCCEEDED_0.json' }, { Key: 'out/S/manifest.json' }]);
  });
});

describe('an ItemReader', () => {
  const s3 = (text: string) => () => ({ Body: text });
  const reading = (ReaderConfig: Json) =>
    distributed({
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig,
        Arguments: { Bucket: 'b', Key: 'k' },
      },
    });

  test.each([
    ['JSON', { InputType: 'JSON' }, '[1,{"a":2}]', [1, { a: 2 }]],
    ['JSON lines', { InputType: 'JSONL' }, '{"a":1}\n\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    [
      'CSV',
      { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
      'h,i\r\n1,"a,""b"""\n2\n\n',
      [
        { h: '1', i: 'a,"b"' },
        { h: '2', i: '' },
      ],
    ],
    [
      'CSV with given headers',
      { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['x'], CSVDelimiter: 'PIPE' },
      '1|2\n3|4',
      [{ x: '1' }, { x: '3' }],
    ],
    ['at most MaxItems', { InputType: 'JSON', MaxItems: 2 }, '[1,2,3]', [1, 2]],
    ['what ItemsPointer points at', { InputType: 'JSON', ItemsPointer: '/a/b~1c' }, '{"a":{"b/c":[5]}}', [5]],
  ])('reads %s', async (_, config, text, expected) => {
    expect((await run(reading(config), {}, { resources: s3(text) })).output).toStrictEqual(expected);
  });

  test('that reads when its Map is ended starts no child', async () => {
    const clock = new VirtualClock(0);
    const calls: string[] = [];
    const resources = async (call: { resource: string; stateName: string }) => {
      calls.push(call.stateName);
      if (call.resource.includes('s3')) await clock.until(10_000);
      else if (call.stateName === 'F') throw new Error('Boom');
      return '[1,2]';
    };
    const reads = { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: { InputType: 'JSON' } };
    const states = machine({
      P: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'S', States: distributed({ ItemReader: reads }, tasks).States },
          { StartAt: 'F', States: { F: { Type: 'Task', Resource: LAMBDA, End: true } } },
        ],
        Catch: [{ ErrorEquals: ['Error'], Next: 'W' }],
        End: true,
      },
      W: { Type: 'Wait', Seconds: 60, End: true },
    });
    expect(await run(states, {}, { clock, resources })).toMatchObject({ status: 'SUCCEEDED', seconds: 60 });
    expect(new Set(calls)).toStrictEqual(new Set(['F', 'S']));
  });

  test('lists objects', async () => {
    const ItemReader = { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'b' } };
    const resources = () => ({
      Contents: [
        { Key: 'a', Size: 1 },
        { Key: 'b', Size: 2 },
      ],
    });
    expect((await run(distributed({ ItemReader }), {}, { resources })).output).toStrictEqual([
      { Key: 'a', Size: 1 },
      { Key: 'b', Size: 2 },
    ]);
  });

  test.each([
    ['no JSON', { InputType: 'JSON' }, 'nonsense'],
    ['no list', { InputType: 'JSON' }, '1'],
    ['nothing where the pointer points', { InputType: 'JSON', ItemsPointer: '/x' }, '{}'],
    ['duplicate headers', { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'a,a\n1,2'],
  ])('that finds %s fails the map run', async (_, config, text) => {
    const result = await run(reading(config), {}, { resources: s3(text) });
    expect(result.error).toBe('States.ItemReaderFailed');
    expect(result.types.slice(-4)).toStrictEqual([
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });
});
