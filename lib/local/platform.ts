/** The only place in `local/` that reads the process's environment or rolls its dice. */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { systemClock } from './clock.ts';

/** What a run here takes from the machine it runs on. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  /** Value of a secret: the environment variable of that name. */
  readonly secret: (name: string) => string | undefined;
  /** Environment variables that a program started here inherits. */
  readonly variables: () => Readonly<Record<string, string | undefined>>;
}

export const systemPlatform: Platform = {
  clock: systemClock,
  random: Math.random,
  // biome-ignore-start lint/style/noProcessEnv: secrets are environment variables here, read when a task asks
  secret: (name) => process.env[name],
  variables: () => process.env,
  // biome-ignore-end lint/style/noProcessEnv: as above
};
