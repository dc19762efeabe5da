import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Problem } from '../base/errors.ts';
import type { TuttiConfig } from '../model/environment.ts';
import { bundle } from './bundle.ts';
import { collectDags, type LoadedDag } from './collect-dags.ts';
import { CONFIG_FILE, configIn, NO_CONFIG } from './config-file.ts';
import { openBundle } from './open-bundle.ts';

export type { LoadedDag } from './collect-dags.ts';

export interface LoadOptions {
  /** The project's folder. */
  readonly root: string;
  /** Globs of pipeline files, relative to `root`. @default what `tutti.config.ts` says, or `pipelines/**\/*.ts` */
  readonly patterns?: readonly string[];
}

/** Everything a project declares, and everything wrong with it. */
export interface Loaded {
  /** By file, then in the order declared. Broken ones are here too, with their problems. */
  readonly dags: readonly LoadedDag[];
  /** All problems: of files, of declarations, of the DAGs' rules. */
  readonly problems: readonly Problem[];
  readonly config: TuttiConfig;
}

const DEFAULT_PATTERNS = ['pipelines/**/*.ts'];
const NO_PIPELINE = /\.d\.[cm]?ts$|\.(test|spec|test-d)\.[cm]?ts$|(^|[\\/])node_modules[\\/]/;

/**
 * Loads and checks every DAG of a project. What is wrong with one file is a problem and hides nothing
 * else; places in problems and nodes are the author's. One call at a time.
 */
export async function loadPipelines(options: LoadOptions): Promise<Loaded> {
  const root = resolve(options.root);
  const { config, problems } = await loadConfig(root);
  const patterns = options.patterns ?? patternsOf(config);
  const files = await findFiles(root, patterns);
  if (files.length === 0) return { dags: [], problems: [...problems, noFiles(patterns)], config };
  const made = await bundle(files, root);
  const collected = await collectDags(made, root);
  return { dags: collected.dags, problems: [...problems, ...made.problems, ...collected.problems], config };
}

/** The project's configuration; what is wrong with it is a problem, and then there is none. */
export async function loadConfig(
  root: string,
): Promise<{ readonly config: TuttiConfig; readonly problems: readonly Problem[] }> {
  const file = join(root, CONFIG_FILE);
  if (!existsSync(file)) return { config: NO_CONFIG, problems: [] };
  const made = await bundle([file], root);
  if (made.problems.length > 0) return { config: NO_CONFIG, problems: made.problems };
  const { load } = await openBundle(made, root);
  return configIn(await load(file));
}

/** Globs of the project's pipeline files. */
export function patternsOf(config: TuttiConfig): readonly string[] {
  return config.pipelines ?? DEFAULT_PATTERNS;
}

/** Pipeline files, absolute, in alphabetical order. */
export async function findFiles(root: string, patterns: readonly string[]): Promise<readonly string[]> {
  const files = new Set<string>();
  for await (const file of glob(patterns, { cwd: root })) {
    if (!NO_PIPELINE.test(file)) files.add(resolve(root, file));
  }
  return [...files].sort((one, other) => (one < other ? -1 : 1));
}

/** Nothing matches these globs. */
export function noFiles(patterns: readonly string[]): Problem {
  return {
    code: 'no-pipelines',
    path: patterns.join(', '),
    message: 'must match at least one file, got none',
    remedy: `write a pipeline there, or name its place in ${CONFIG_FILE}: { pipelines: ['…/*.ts'] }`,
  };
}
