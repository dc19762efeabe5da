/** What every state of a compiled DAG stands for, for a person at a terminal. */
import type { Explained } from '../compiler/explain.ts';
import type { Terminal } from './terminal.ts';
import { clip, columns } from './words.ts';

/** One line for each state: its name, indented as it is nested, its task, and the sentence. */
export function renderExplain(
  dagId: string,
  states: readonly Explained[],
  { paint }: Pick<Terminal, 'paint'>,
): string {
  const machines = Map.groupBy(states, ({ machine }) => machine);
  return [...machines]
    .map(([machine, inside]) =>
      [
        paint('bold', machine === '' ? dagId : `${dagId} · ${machine}`),
        ...columns(
          inside.map(({ state, depth, type, task = '', says }) => [
            clip(`${'  '.repeat(depth + 1)}${state}`, 48),
            paint('gray', type),
            task === state ? '' : clip(task, 32),
            says,
          ]),
        ),
      ].join('\n'),
    )
    .join('\n\n');
}
