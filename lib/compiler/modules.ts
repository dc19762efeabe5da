/** Modules: what comes before, around and behind the inside of a map, a group retry or a loop. */
import type { Branch } from '../asl/states.ts';
import { unreachable } from '../base/unreachable.ts';
import type { Around } from './around.ts';
import { loopStates, retryStates } from './bodies.ts';
import { arrivals, type Course, type Machine } from './course.ts';
import { mapStates } from './maps.ts';
import { fetch, inferFromRunning } from './tasks.ts';

/** Compiles a module's inside; `start`: state data as it begins, as JSONata text. */
export type LowerInside = (
  around: Around,
  start: string,
) => { readonly machine: Machine; readonly branch: Branch };

export function moduleStates(
  course: Course,
  position: number,
  module: number,
  lowerInside: LowerInside,
): void {
  const exits = arrivals(course, position, 'run');
  const does = course.machine.graph.tasks[module]?.inside?.does;
  if (exits.length === 0 || does === undefined) return;
  course.facts.meet(exits);
  inferFromRunning(course, module);
  fetch(course, position, module);
  switch (does.kind) {
    case 'map':
      mapStates(course, { position, module, does }, lowerInside);
      break;
    case 'retry':
      retryStates(course, { position, module, does }, lowerInside);
      break;
    case 'loop':
      loopStates(course, { position, module, does }, lowerInside);
      break;
    default:
      unreachable(does);
  }
}
