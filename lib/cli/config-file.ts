import type { Problem } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { TuttiConfig } from '../model/environment.ts';
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
  return problems.length === 0 && isConfig(found)
    ? { config: found, problems }
    : { config: NO_CONFIG, problems };
}

function isConfig(value: unknown): value is TuttiConfig {
  return problemsOf(value).length === 0;
}

function problemsOf(config: unknown): readonly Problem[] {
  if (!isObject(config))
    return [
      problem(
        '',
        `must export a configuration, got ${kindOf(config)}`,
        'write export const config = defineConfig({ … })',
      ),
    ];
  const { pipelines, environments } = config;
  const isList = Array.isArray(pipelines) && pipelines.every((pattern) => typeof pattern === 'string');
  return [
    ...(pipelines === undefined || isList
      ? []
      : [
          problem(
            ' › pipelines',
            `must be a list of globs, got ${JSON.stringify(pipelines)}`,
            "write ['pipelines/**/*.ts']",
          ),
        ]),
    ...(isObject(environments)
      ? []
      : [
          problem(' › environments', `must be an object, got ${kindOf(environments)}`, 'write { local: {} }'),
        ]),
  ];
}

function problem(field: string, message: string, remedy: string): Problem {
  return { code: 'config', path: `${CONFIG_FILE}${field}`, message, remedy };
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : typeof value === 'function' ? 'a function' : JSON.stringify(value);
}
