/** A project as a CDK app. */
import { DefinitionError, type Problem, problemText, RefusedError } from '../base/errors.ts';
import { loadPipelines } from '../project/load.ts';
import type { Limits } from './guards/made.ts';
import { rootOf } from './root.ts';
import { synthesize } from './synthesize.ts';

export interface TuttiAppOptions {
  /**
   * The project's folder, from the working directory: `tutti.config.ts` is in it, and globs of pipelines and `include` are
   * from there. @default the working directory where that has a `tutti.config.ts`; else the nearest one, from the app's file
   * upwards, with a `tutti.config.ts` or `cdk.json`, wherever it is started; without one the working directory
   */
  readonly root?: string;
  /** Environments to make; others are left out. @default all that say where they are deployed */
  readonly environments?: readonly string[];
  /** @default those of AWS */
  readonly limits?: Limits;
}

/**
 * Makes a stage of each environment of `tutti.config.ts` that says where it is deployed, with every DAG of the project:
 * `cdk deploy 'prod/*'`. Mistakes are told on the standard error, those of all environments at once, and nothing is made.
 */
export async function tuttiApp(options: TuttiAppOptions = {}): Promise<void> {
  const { root: given, ...more } = options;
  const root = rootOf(given);
  try {
    synthesize(await loadPipelines({ root }), { root, ...more });
  } catch (error) {
    const text = told(error);
    if (text === undefined) throw error;
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}

/** What a person did wrong, a line each; `undefined` where it is a mistake of ours. */
function told(error: unknown): string | undefined {
  if (error instanceof DefinitionError) return error.problems.map(line).join('\n');
  return error instanceof RefusedError ? error.message : undefined;
}

function line(problem: Problem): string {
  const { at } = problem;
  return `${problemText(problem)}${at === undefined ? '' : `\n  at ${at.file}:${at.line}:${at.column}`}`;
}
