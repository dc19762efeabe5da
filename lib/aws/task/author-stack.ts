/** Of a stack in a DAG's function, what its author can do something about. */

/**
 * Without the frames of Tutti's runtime and of Node, which call every task alike; all of it where no other frame is left.
 * Where source maps are on, frames name sources: ours are all below the folder of this one.
 */
export function authorStack(stack: string): string {
  const own = ownPlace(new Error().stack ?? '');
  const lines = stack.split('\n');
  const isOthers = (line: string) => /^\s+at /.test(line) && (line.includes(own) || line.includes('node:'));
  const kept = lines.filter((line) => !isOthers(line));
  return kept.some((line) => /^\s+at /.test(line)) ? kept.join('\n') : stack;
}

/** This file's folder of sources, or the bundle that it is in. */
function ownPlace(stack: string): string {
  const [, place = '\0'] = /^\s+at .*?([^\s(]+?):\d+:\d+\)?$/m.exec(stack) ?? [];
  return place.replace(/aws\/task\/author-stack\.ts$/, '');
}
