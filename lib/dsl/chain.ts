import type { SourceLocation } from '../base/errors.ts';
import type { Declaration } from './declaration.ts';
import type { Source } from './edges.ts';
import { sourcesOf } from './handles.ts';
import { placed } from './placed.ts';

type Pair = readonly [above: Source, below: Source];

/** The dependencies of `chain(a, [b, c], d)`. */
export function chained(declaration: Declaration, steps: readonly unknown[], at?: SourceLocation): void {
  const sources = steps.map((step, index) =>
    sourcesOf(step, declaration, (problem) =>
      declaration.refuse({ ...problem, path: pathOf(index), ...placed(at) }),
    ),
  );
  for (const [index, below] of sources.entries()) {
    const above = sources[index - 1];
    if (above === undefined) continue;
    const areLists = Array.isArray(steps[index]) && Array.isArray(steps[index - 1]);
    if (areLists && above.length !== below.length) refuseLengths(declaration, { index, above, below }, at);
    const pairs = areLists ? paired(above, below) : crossed(above, below);
    for (const [from, to] of pairs) declaration.join(from, to, pathOf(index), at);
  }
}

/** Two lists side by side: first with first. @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#chain */
function paired(above: readonly Source[], below: readonly Source[]): readonly Pair[] {
  return above.flatMap((from, index) => {
    const to = below[index];
    return to === undefined ? [] : [[from, to] as const];
  });
}

function crossed(above: readonly Source[], below: readonly Source[]): readonly Pair[] {
  return above.flatMap((from) => below.map((to) => [from, to] as const));
}

interface Uneven {
  readonly index: number;
  readonly above: readonly Source[];
  readonly below: readonly Source[];
}

function refuseLengths(declaration: Declaration, { index, above, below }: Uneven, at?: SourceLocation): void {
  declaration.refuse({
    code: 'chain',
    path: pathOf(index),
    message: `must be as long as the list before it, got ${below.length} after ${above.length}`,
    remedy: 'put a single task between them, or write after: […]',
    ...placed(at),
  });
}

function pathOf(index: number): string {
  return `chain › ${index + 1}`;
}
