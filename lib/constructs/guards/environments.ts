/** Which environments of a project an app makes. */
import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { TuttiConfig } from '../../model/environment.ts';
import type { DeployedEnvironment } from '../environment.ts';

/** Those that say where they are deployed; of these the ones that are named. */
export function deployedEnvironments(
  { environments }: TuttiConfig,
  named?: readonly string[],
): readonly DeployedEnvironment[] {
  return Object.entries(environments).flatMap(([name, { aws, ...environment }]) =>
    aws === undefined || named?.includes(name) === false ? [] : [{ ...environment, name, aws }],
  );
}

/** Names that are no deployed environment's; or that nothing is left to make. */
export function environmentProblems(config: TuttiConfig, named?: readonly string[]): readonly Problem[] {
  const there = deployedEnvironments(config).map(({ name }) => name);
  if (there.length === 0) return [NONE];
  if (named?.length === 0) return [unknown('no name', `there are ${there.join(', ')}`)];
  return (named ?? [])
    .filter((name) => !there.includes(name))
    .map((name) => {
      const got = JSON.stringify(name.slice(0, 60));
      if (Object.hasOwn(config.environments, name))
        return unknown(`${got}, which has no aws`, `write aws: ${AWS}, or name one of ${there.join(', ')}`);
      const near = nearest(name, there);
      return unknown(got, near === undefined ? `there are ${there.join(', ')}` : `did you mean "${near}"?`);
    });
}

const AWS = "{ account: '…', region: '…' }";

const NONE: Problem = {
  code: 'unknown-environment',
  path: 'tutti.config.ts › environments',
  message: 'must have one that says aws, got none',
  remedy: `write environments: { dev: { aws: ${AWS} } }`,
};

function unknown(got: string, remedy: string): Problem {
  return {
    code: 'unknown-environment',
    path: 'tuttiApp › environments',
    message: `must name environments of tutti.config.ts that have aws, got ${got}`,
    remedy,
  };
}
