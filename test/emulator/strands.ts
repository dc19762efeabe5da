/**
 * A history as the strands it was written by. Events of states side by side come in any order, so two good histories
 * of one run differ as lists; as strands, each a line of events that forks at Parallel and Map, they are the same.
 */
import type { HistoryEvent } from '../../lib/asl/events.ts';

/** One line of states: the execution's own, a branch's, or a Map iteration's. */
export interface Strand {
  readonly steps: (HistoryEvent | Fork)[];
  /** The strand whose Parallel or Map this one is inside. */
  readonly parent?: Strand;
}

/** Strands side by side. */
export interface Fork {
  readonly inside: Strand[];
}

/** The execution's own strand, all others inside it. */
export function strandsOf(events: readonly HistoryEvent[]): Strand {
  const root: Strand = { steps: [] };
  const strandOf = new Map<number, Strand>([[0, root]]);
  const byId = new Map(events.map((event) => [event.id, event]));
  for (const event of events) {
    const previous = byId.get(event.previousEventId);
    const strand = strandFor(event, previous, strandOf.get(event.previousEventId) ?? root, root);
    strand.steps.push(event);
    strandOf.set(event.id, strand);
  }
  return root;
}

export function isFork(step: HistoryEvent | Fork): step is Fork {
  return 'inside' in step;
}

function strandFor(
  event: HistoryEvent,
  previous: HistoryEvent | undefined,
  strand: Strand,
  root: Strand,
): Strand {
  const { type } = event;
  if (type.startsWith('Execution')) return root;
  if (type === 'MapIterationStarted') return begin(isOpen(strand, 'Map') ? strand : (strand.parent ?? root));
  if (previous?.type === 'ParallelStateStarted' && type.endsWith('StateEntered')) return begin(strand);
  const [, container] = /^(Parallel|Map)State(?:Succeeded|Failed|Aborted|Exited)$/.exec(type) ?? [];
  if (container === undefined || isOpen(strand, container)) return strand;
  return strand.parent ?? root;
}

/** A new strand in the fork at the end of `parent`. */
function begin(parent: Strand): Strand {
  const last = parent.steps.at(-1);
  const fork: Fork = last !== undefined && isFork(last) ? last : { inside: [] };
  if (fork !== last) parent.steps.push(fork);
  const strand: Strand = { steps: [], parent };
  fork.inside.push(strand);
  return strand;
}

/** True inside a Parallel or Map state that this very strand has entered. */
function isOpen({ steps }: Strand, container: string): boolean {
  const own: readonly string[] = steps.flatMap((step) => (isFork(step) ? [] : [step.type]));
  return own.lastIndexOf(`${container}StateEntered`) > own.lastIndexOf(`${container}StateExited`);
}
