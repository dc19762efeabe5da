/** Functions of tasks that read the clock or roll dice: run again for the same interval, they give something else. */
import type { Problem, SourceLocation } from '../base/errors.ts';
import { bodyOf } from '../model/bodies.ts';
import type { DagNode } from '../model/dag.ts';
import type { SourcePlaces } from './source-places.ts';

/** A body that mentions none of these needs no closer look. */
const SUSPECT = /\bDate\b|\bMath\s*\.\s*random\b/;

/**
 * A warning for each place where a body of the DAG reads the clock (`clock-in-body`) or `Math.random` (`random-in-body`):
 * in its own text, not in what it calls. `dag` has its places as they are in the bundle or as the author's.
 */
export async function clockProblems(dag: DagNode, places: SourcePlaces): Promise<readonly Problem[]> {
  const suspects = dag.tasks.flatMap(({ id, at }) => {
    const text = bodyOf(dag, id)?.toString() ?? '';
    return SUSPECT.test(text) ? [{ id, text, at: at === undefined ? undefined : places.locate(at) }] : [];
  });
  if (suspects.length === 0) return [];
  const { readsIn } = await import('./clock-reads.ts');
  const told = new Map<string, Problem>();
  for (const { id, text, at } of suspects) {
    const start = places.find(text, at);
    for (const read of readsIn(text)) {
      const place = start === undefined ? at : places.locate(moved(start, text, read.offset));
      // A function that several tasks have is one mistake.
      const key = JSON.stringify([place ?? id, read.got]);
      if (!told.has(key)) told.set(key, problemOf(`dag "${dag.id}" › task "${id}" › fn`, read, place));
    }
  }
  return [...told.values()];
}

/** What a body reads of the clock or the dice. */
export interface Read {
  readonly kind: 'clock' | 'random';
  /** As a person writes it: `new Date()`. */
  readonly got: string;
  /** In the body's text. */
  readonly offset: number;
}

function problemOf(path: string, { kind, got }: Read, at: SourceLocation | undefined): Problem {
  const remedy =
    kind === 'clock'
      ? 'take run.interval as an input; performance.now() says how long something takes'
      : 'derive it from run.interval or another input';
  return {
    code: `${kind}-in-body`,
    path,
    message: `should give the same whenever it runs for an interval, got ${got}`,
    remedy,
    severity: 'warning',
    ...(at === undefined ? {} : { at }),
  };
}

function moved(start: SourceLocation, text: string, offset: number): SourceLocation {
  const lines = text.slice(0, offset).split('\n');
  const last = lines.at(-1) ?? '';
  return lines.length === 1
    ? { ...start, column: start.column + last.length }
    : { ...start, line: start.line + lines.length - 1, column: last.length + 1 };
}
