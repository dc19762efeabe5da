/** A project as a CDK app. */
import { resolve } from 'node:path';
import { DefinitionError, type Problem, problemText, RefusedError } from '../base/errors.ts';
import { loadPipelines } from '../project/load.ts';
import { App } from './cdk.ts';
import { sourcesOf } from './code/sources.ts';
import { deployedEnvironments, environmentProblems } from './guards/environments.ts';
import { unsharedConnections } from './guards/shared.ts';
import { orNothing } from './output.ts';
import { refuseAny } from './refuse.ts';
import { Tutti } from './tutti.ts';

export interface TuttiAppOptions {
  /** The project's folder: `tutti.config.ts` is in it. @default the working directory */
  readonly root?: string;
  /** Environments to make; others are left out. @default all that say where they are deployed */
  readonly environments?: readonly string[];
}

/**
 * Makes a stage of each environment of `tutti.config.ts` that says where it is deployed, with every DAG of the project:
 * `cdk deploy 'prod/*'`. Mistakes are told on the standard error, those of all environments at once, and nothing is made.
 */
export async function tuttiApp(options: TuttiAppOptions = {}): Promise<void> {
  const root = resolve(options.root ?? '.');
  try {
    const { dags, problems, config } = await loadPipelines({ root });
    const errors = [
      ...problems.filter(({ severity }) => severity !== 'warning'),
      ...unsharedConnections(config),
      ...environmentProblems(config, options.environments),
    ];
    if (errors.length > 0) throw new DefinitionError(errors);
    const environments = deployedEnvironments(config, options.environments);
    const sources = sourcesOf(dags);
    refuseAny(
      environments,
      sources.map(({ dag }) => dag),
    );
    const app = new App({ autoSynth: false });
    orNothing(app.outdir, (begins) => {
      for (const environment of environments)
        new Tutti(app, stageId(environment.name), { dags: sources, environment, root });
      begins();
      app.synth();
    });
  } catch (error) {
    const text = told(error);
    if (text === undefined) throw error;
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}

/** An id of a stage begins with a letter. */
function stageId(name: string): string {
  return /^[a-z]/.test(name) ? name : `env-${name}`;
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
