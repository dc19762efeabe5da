import { toSeconds } from '../base/duration.ts';
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
    ...Object.entries(isObject(environments) ? environments : {}).flatMap(([name, environment]) =>
      isObject(environment)
        ? [
            ...notifierProblems(environment['notifiers'], ` › environments.${name}`),
            ...retentionProblems(environment['retention'], ` › environments.${name}`),
          ]
        : [],
    ),
  ];
}

/** Whom messages go to is needed when something has failed: too late to find out that it is wrong. */
function notifierProblems(notifiers: unknown, field: string): readonly Problem[] {
  if (notifiers === undefined) return [];
  const path = `${field}.notifiers`;
  const remedy = "write { oncall: { kind: 'webhook', url: 'https://…' } }";
  if (!isObject(notifiers)) return [problem(path, `must be an object, got ${kindOf(notifiers)}`, remedy)];
  return Object.entries(notifiers).flatMap(([name, notifier]) => {
    const fault = notifierFault(notifier);
    return fault === undefined ? [] : [problem(`${path}.${name}${fault.field}`, fault.message, remedy)];
  });
}

/** What is misread here removes runs for good. */
function retentionProblems(retention: unknown, field: string): readonly Problem[] {
  if (retention === undefined) return [];
  const path = `${field}.retention`;
  const remedy = "write { age: '400d', keep: 10_000 }, or {} to keep all runs";
  if (!isObject(retention)) return [problem(path, `must be an object, got ${kindOf(retention)}`, remedy)];
  const { age, keep, ...others } = retention;
  const isLong = age === undefined || (toSeconds(age) ?? 0) > 0;
  const isMany = keep === undefined || (Number.isSafeInteger(keep) && Number(keep) >= 1);
  return [
    ...(isLong
      ? []
      : [problem(`${path}.age`, `must be a duration of more than 0, got ${kindOf(age)}`, remedy)]),
    ...(isMany
      ? []
      : [problem(`${path}.keep`, `must be a whole number of at least 1, got ${kindOf(keep)}`, remedy)]),
    ...Object.keys(others).map((name) => problem(`${path}.${name}`, 'must be age or keep', remedy)),
  ];
}

interface Fault {
  readonly field: string;
  readonly message: string;
}

function notifierFault(notifier: unknown): Fault | undefined {
  if (!isObject(notifier)) return { field: '', message: `must be an object, got ${kindOf(notifier)}` };
  const { kind, url, headers, secret } = notifier;
  if (kind === 'console') return undefined;
  if (kind !== 'webhook')
    return { field: '.kind', message: `must be "console" or "webhook", got ${kindOf(kind)}` };
  if (typeof url !== 'string' || !/^https?:\/\/[^/]/.test(url) || !URL.canParse(url))
    return { field: '.url', message: `must begin with https:// or http://, got ${kindOf(url)}` };
  const isTexts = isObject(headers) && Object.values(headers).every((value) => typeof value === 'string');
  if (headers !== undefined && !isTexts)
    return { field: '.headers', message: `must be an object of texts, got ${kindOf(headers)}` };
  return secret === undefined || typeof secret === 'string'
    ? undefined
    : { field: '.secret', message: `must be the name of a secret, got ${kindOf(secret)}` };
}

function problem(field: string, message: string, remedy: string): Problem {
  return { code: 'config', path: `${CONFIG_FILE}${field}`, message, remedy };
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : typeof value === 'function' ? 'a function' : JSON.stringify(value);
}
