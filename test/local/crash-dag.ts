/** A DAG with something of everything that a crash may interrupt: retries, a map, latches, a group that retries, a pool. */
import { existsSync, writeFileSync } from 'node:fs';
import { dag, fn, pool } from '../../lib/index.ts';
import type { DagNode } from '../../lib/model/dag.ts';

const AGAIN = { attempts: 50, delay: '1s', maxDelay: '1s' } as const;

export interface CrashWorld {
  /** Told of every try that begins. */
  readonly began: (task: string) => void;
  /** Some work. */
  readonly work: () => Promise<void>;
  /** What was decided once, kept in this folder. */
  readonly folder: string;
}

export function crashDag({ began, work, folder }: CrashWorld): DagNode {
  const working = async <T>(task: string, output: T): Promise<T> => {
    began(task);
    await work();
    return output;
  };
  /** True the first time that it comes so far. */
  const isFirst = (what: string): boolean => {
    const file = `${folder}/${what}.once`;
    if (existsSync(file)) return false;
    writeFileSync(file, '');
    return true;
  };
  const failsOnce = async (task: string): Promise<void> => {
    await working(task, undefined);
    if (isFirst(task)) throw new Error('the first time it fails');
  };
  const places = pool('places', { slots: 2 });
  return dag('crash', { defaults: { retries: AGAIN } }, ({ task, group }) => {
    const plain = (id: string, options = {}) =>
      task(
        id,
        fn(() => working(id, { rows: 3 })),
        options,
      );
    const start = plain('start');
    const flaky = task(
      'flaky',
      fn(() => failsOnce('flaky')),
      { after: start },
    );
    const loaded = task.map(
      'loaded',
      ['a', 'b', 'c', 'd'],
      (name) => fn({ name }, ({ name: which }) => working('loaded', { which })),
      { after: start, concurrency: 2 },
    );
    // An N: `cross` waits for both, `own` for one, so that an edge becomes a latch.
    const own = plain('own', { after: flaky });
    const cross = plain('cross', { after: [flaky, start], pool: places });
    const checked = group(
      'checked',
      ({ task: inside }) => {
        const a = inside(
          'a',
          fn(() => working('checked.a', { rows: 1 })),
        );
        return {
          last: inside(
            'b',
            fn(() => failsOnce('checked.b')),
            { after: a },
          ),
        };
      },
      { after: own, retries: AGAIN, defaults: { retries: 0 } },
    );
    const first = plain('first', { after: loaded, pool: places });
    const second = plain('second', { after: loaded, pool: { pool: places, slots: 2 } });
    const sum = task(
      'sum',
      fn({ all: loaded.output }, ({ all }) =>
        working('sum', { names: all.map(({ which }) => which).join('') }),
      ),
      { after: [cross, first, second] },
    );
    task(
      'end',
      fn({ names: sum.output.names }, () => working('end', undefined)),
      { after: checked },
    );
  });
}
