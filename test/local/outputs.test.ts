import { describe, expect, test } from 'vitest';
import { TaskError } from '../../lib/interpreter/resource.ts';
import { fileValues, memoryValues } from '../../lib/local/large-values.ts';
import { wantedOf } from '../../lib/local/outputs.ts';
import { withLarge } from '../../lib/runtime/large-values.ts';
import { fieldOf, outputOf } from '../../lib/runtime/outputs.ts';
import { temporaryFolder } from './dag.ts';

function refusal(run: () => unknown): readonly [string, string] {
  try {
    run();
  } catch (error) {
    if (error instanceof TaskError) return [error.error, error.causeText];
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('an output', () => {
  test('is JSON as JSON.stringify gives it', () => {
    const at = new Date(0);
    expect(outputOf('t', { at, gone: undefined, list: [undefined, 1] })).toEqual({
      at: at.toISOString(),
      list: [null, 1],
    });
    expect(outputOf('t', undefined)).toBeNull();
  });

  test('may name one object twice', () => {
    const shared = { n: 1 };
    expect(outputOf('t', [shared, shared])).toEqual([{ n: 1 }, { n: 1 }]);
  });

  const cycle: Record<string, unknown> = {};
  cycle['a'] = { b: [cycle] };
  test.each<[string, unknown, string]>([
    [
      'a function',
      { f: () => 1 },
      'task "t" › output.f: must be JSON, got a function; return its result, or nothing',
    ],
    [
      'a cycle',
      cycle,
      'task "t" › output.a.b[0]: must be JSON, got a cycle; return only the fields that are needed',
    ],
    [
      'a BigInt',
      1n,
      'task "t" › output: must be JSON, got a bigint; return Number(…) where it is safe, or String(…)',
    ],
    ['a symbol', [Symbol('x')], 'task "t" › output[0]: must be JSON, got a symbol; return its description'],
    ['NaN', { n: Number.NaN }, 'task "t" › output.n: must be JSON, got NaN; return a finite number or null'],
    ['a Map', new Map(), 'task "t" › output: must be JSON, got a Map; return Object.fromEntries(…)'],
    ['a Set', { s: new Set() }, 'task "t" › output.s: must be JSON, got a Set; return a list: [...set]'],
    [
      'bytes',
      Buffer.from('x'),
      'task "t" › output: must be JSON, got bytes; write them with files.write and return the path',
    ],
  ])('is refused when it holds %s', (_, value, text) => {
    expect(refusal(() => outputOf('t', value))).toEqual(['Dag.BadOutput', text]);
  });

  test('is refused above 6 MiB', () => {
    expect(refusal(() => outputOf('t', 'x'.repeat(10_000_000)))).toEqual([
      'Dag.OutputTooLarge',
      'task "t" › output: must be at most 6291456 bytes, got 10000002; write it with files.write and return its path',
    ]);
  });
});

describe('wanted fields', () => {
  test('are picked by name; those without a value are left out', () => {
    const output = { a: { b: [{ c: 1 }] }, n: null };
    expect(wantedOf({ task: 't', want: ['a.b.0.c', 'a.x.y', 'n', 'a.b.1'] }, output)).toEqual({
      'a.b.0.c': 1,
      n: null,
    });
    expect(wantedOf({ task: 't', want: [''] }, output)).toEqual({ '': output });
    expect(wantedOf({ task: 't' }, output)).toEqual({});
  });

  test('see only what the output itself has', () => {
    expect(fieldOf({}, 'constructor.name')).toBeUndefined();
    expect(fieldOf('text', 'length')).toBeUndefined();
  });

  test('are at most 64 KiB together, the largest named', () => {
    const output = { small: 1, big: 'x'.repeat(70_000) };
    expect(wantedOf({ task: 't', want: ['small'] }, output)).toEqual({ small: 1 });
    const [error, text] = refusal(() => wantedOf({ task: 't', want: ['small', 'big'] }, output));
    expect(error).toBe('Dag.OutputTooLarge');
    expect(text).toMatch(
      /^task "t" › output\.big: must be at most 65536 bytes, got 7\d{4}; write it with files\.write/,
    );
  });

  test('that are too large go to files, the largest first, where the machine does not evaluate them', () => {
    const values = memoryValues();
    const output = { a: 'x'.repeat(3000), b: 'y'.repeat(4000), c: 'z'.repeat(500), n: 1 };
    const out = wantedOf(
      { task: 't', instance: '2.0', want: ['a', 'b', 'c', 'n'], inline: ['c'] },
      output,
      values,
    );
    const file = (index: number) => ({ $file: `.tutti/outputs/t@2.0.${index}.json` });
    expect(out).toEqual({ ...output, b: file(1), a: file(0) });
    expect(withLarge({ deep: [out] }, values)).toEqual({ deep: [output] });
  });

  test('stay where they are small together, or the machine evaluates them', () => {
    const small = { a: 'x'.repeat(900), b: 'y'.repeat(900) };
    expect(wantedOf({ task: 't', want: ['a', 'b'] }, small, memoryValues())).toEqual(small);
    const evaluated = { a: 'x'.repeat(60_000), n: 1 };
    const event = { task: 't', want: ['a', 'n'], inline: ['a'] };
    expect(wantedOf(event, evaluated, memoryValues())).toEqual(evaluated);
  });

  test('that the machine evaluates must be small, whatever goes to files', () => {
    const output = { big: 'x'.repeat(70_000), other: 'y'.repeat(80_000) };
    const event = { task: 't', want: ['big', 'other'], inline: ['big'] };
    expect(refusal(() => wantedOf(event, output, memoryValues()))).toEqual([
      'Dag.OutputTooLarge',
      expect.stringMatching(
        /^task "t" › output\.big: must be at most 65536 bytes, got 70\d{3}; write it with files/,
      ),
    ]);
  });
});

describe('a reference to a file', () => {
  test('that is gone fails the task that reads it', () => {
    const args = { rows: { $file: '.tutti/outputs/t.0.json' } };
    expect(refusal(() => withLarge(args, fileValues(temporaryFolder(), 'run')))).toEqual([
      'Dag.OutputLost',
      'output › .tutti/outputs/t.0.json: must be there as it was written, got nothing; run the task that wrote it again',
    ]);
  });

  test('may be of a task that is called like a folder', () => {
    const values = memoryValues();
    const output = 'x'.repeat(3000);
    expect(withLarge(wantedOf({ task: '.', want: [''] }, output, values), values)).toEqual({ '': output });
  });

  test.each(['/etc/passwd', '.tutti/outputs/../../secret.json'])('is no value of an author: %s', ($file) => {
    expect(withLarge({ a: { $file } }, memoryValues())).toEqual({ a: { $file } });
  });
});
