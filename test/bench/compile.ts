import { join } from 'node:path';
import { compile } from '../../lib/compiler/compile.ts';
import { dagOf } from '../build.ts';
import { layered } from '../graphs.ts';
import { medianSec, print, run } from './measure.ts';

/** Layered random graphs of 2 to 3 edges a task, which no series and parallel can express. */
export async function compileBench(): Promise<void> {
  for (const [count, width] of [
    [100, 10],
    [1000, 32],
  ] as const) {
    const dag = dagOf(layered(count, width, count));
    print(`compile.${count}_s`, await medianSec(5, () => compile(dag)), 's');
  }
  // A process of its own: its peak memory is that of one compilation.
  const [seconds = Number.NaN, megabytes = Number.NaN] = run(
    [join(import.meta.dirname, 'compile-child.ts')],
    '.',
  )
    .split(' ')
    .map(Number);
  print('compile.10000_s', seconds, 's');
  print('compile.10000_mb', megabytes, 'MB');
}
