import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { type Reader, readersOf } from './readers.ts';
import type { ModuleRead } from './refs.ts';

/** The item of a map, its place, and what the iteration before gave are there inside, and nowhere else. */
export function refOutsideModule(dag: DagNode): readonly Problem[] {
  return readersOf(dag).flatMap((reader) =>
    reader.reads.flatMap((read): readonly Problem[] => {
      if (read.kind !== 'item' && read.kind !== 'index' && read.kind !== 'previous') return [];
      return isInside(reader, read) ? [] : [problem(reader, read)];
    }),
  );
}

function isInside({ modules }: Reader, { kind, of }: ModuleRead): boolean {
  const wanted = kind === 'previous' ? 'loop' : 'map';
  return modules.some(({ id, inside }) => id === of && inside?.does.kind === wanted);
}

function problem({ path, at }: Reader, { kind, of, where }: ModuleRead): Problem {
  const [what, remedy] =
    kind === 'previous'
      ? [
          'what an iteration of a loop gave only inside it',
          `read its output: ${of}.output is what the last one gave`,
        ]
      : [
          `the ${kind} of a map only inside it`,
          `read the list itself, or the output of "${of}", which is a list`,
        ];
  return {
    code: 'ref-outside-module',
    path: `${path} › ${where}`,
    message: `must read ${what}, got that of "${of}"`,
    remedy,
    ...at,
  };
}
