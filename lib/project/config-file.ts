import type { Problem } from '../base/errors.ts';
import type { TuttiConfig } from '../model/environment.ts';
import { configFaults } from './config-shape.ts';
import type { LoadedFile } from './open-bundle.ts';

export const CONFIG_FILE = 'tutti.config.ts';

/** What a project without configuration has. */
export const NO_CONFIG: TuttiConfig = { environments: {} };

/** The configuration that a file exports, by any name; what is wrong with it is a problem, and then there is none. */
export function configIn(file: LoadedFile): {
  readonly config: TuttiConfig;
  readonly problems: readonly Problem[];
} {
  if (file.problems.length > 0) return { config: NO_CONFIG, problems: file.problems };
  const found: unknown = file.exports['default'] ?? file.exports['config'] ?? Object.values(file.exports)[0];
  const problems = problemsOf(found);
  return isConfig(found) ? { config: found, problems } : { config: NO_CONFIG, problems };
}

function isConfig(value: unknown): value is TuttiConfig {
  return configFaults(value).length === 0;
}

function problemsOf(config: unknown): readonly Problem[] {
  return configFaults(config).map(({ field, message, remedy }) => ({
    code: 'config',
    path: `${CONFIG_FILE}${field === '' ? '' : ` › ${field.slice(1)}`}`,
    message,
    remedy,
  }));
}
