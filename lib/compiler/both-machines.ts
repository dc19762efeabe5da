import type { Manifest } from '../model/manifest.ts';

/**
 * The manifest of a version that is deployed with both its machines: it knows the states of the one that runs some tasks
 * again, too. What both machines have is the same in both.
 */
export function manifestOfBoth(main: Manifest, rerun: Pick<Manifest, 'states'>): Manifest {
  return { ...main, states: { ...rerun.states, ...main.states } };
}
