/** What environments of one project must have in common. */
import type { Problem } from '../../base/errors.ts';
import type { TuttiConfig } from '../../model/environment.ts';

/**
 * HTTP connections that one environment binds and a deployed one does not: bodies of functions ask for them by name, so that
 * no graph says who needs them, and the first to find out would be a run.
 */
export function unsharedConnections({ environments }: TuttiConfig): readonly Problem[] {
  const all = Object.entries(environments);
  const owners = new Map<string, string>();
  for (const [environment, { connections = {} }] of all)
    for (const [name, { kind }] of Object.entries(connections))
      if (kind === 'http' && !owners.has(name)) owners.set(name, environment);
  return all.flatMap(([environment, { aws, connections = {} }]) =>
    aws === undefined
      ? []
      : [...owners].flatMap(([name, owner]) =>
          connections[name] === undefined ? [unbound({ environment, name, owner })] : [],
        ),
  );
}

interface Missing {
  readonly environment: string;
  readonly name: string;
  /** An environment that has it. */
  readonly owner: string;
}

function unbound({ environment, name, owner }: Missing): Problem {
  return {
    code: 'unbound-connection',
    path: `environment "${environment}" › connections.${name}`,
    message: `must be bound, as it is in "${owner}", got nothing`,
    remedy: `write ${name}: { kind: 'http', baseUrl: 'https://…' }, or take it out of "${owner}"`,
  };
}
