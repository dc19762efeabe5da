/** A history as text that is the same for every good history of one run. */
import type { HistoryEvent } from '../../lib/asl/events.ts';
import type { Course } from './quiet.ts';
import { type Fork, isFork, type Strand } from './strands.ts';

/** One line for each event, strands inside in their order. */
export type Lines = readonly (string | readonly Lines[])[];

const LATCH = / · (look|ready|wait|read|signal|wake|send)\b/;

/** Of an execution; those that it started follow. */
export function linesOf({ root, started }: Course): Lines {
  const below = [...started.values()]
    .map(linesOf)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return below.length === 0 ? strandLines(root) : [...strandLines(root), below];
}

function strandLines({ steps }: Strand): Lines {
  return steps.map((step) => (isFork(step) ? forkLines(step) : eventLine(step)));
}

/**
 * The same without the states that wait for latches and set them. Where a masked task signals as soon as another strand
 * asks, who comes first is left to chance, on AWS as well.
 */
export function withoutLatches(lines: Lines): Lines {
  let isLatch = false;
  return lines.flatMap((line): Lines => {
    if (typeof line !== 'string') return [line.map(withoutLatches)];
    if (/^\w+StateEntered /.test(line)) isLatch = LATCH.test(line);
    return isLatch ? [] : [line];
  });
}

/** Branches by the names of their first states, which are unique; iterations by their index. */
function forkLines({ inside }: Fork): readonly Lines[] {
  return inside.map(strandLines).sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}

function eventLine({ type, details }: HistoryEvent): string {
  const { name, index, length, resourceType, resource, error } = details;
  const resourceName = resource === undefined ? undefined : `${resourceType}:${resource}`;
  const said = [name, index, length, resourceName, error].filter((part) => part !== undefined);
  return [type, ...said].join(' ');
}
