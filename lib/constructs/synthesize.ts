/** The app of a project: a stage of each environment that is deployed. */
import { DefinitionError } from '../base/errors.ts';
import type { Loaded } from '../project/load.ts';
import { App, type AppProps } from './cdk.ts';
import { sourcesOf } from './code/sources.ts';
import { deployedEnvironments, environmentProblems } from './guards/environments.ts';
import type { Limits } from './guards/made.ts';
import { unsharedConnections } from './guards/shared.ts';
import { orNothing } from './output.ts';
import { refuseAny } from './refuse.ts';
import { Tutti } from './tutti.ts';

export interface SynthesizeOptions {
  /** The project's folder: places in files are told from it. */
  readonly root: string;
  /** Environments to make; others are left out. @default all that say where they are deployed */
  readonly environments?: readonly string[] | undefined;
  /** @default those of AWS */
  readonly limits?: Limits | undefined;
  /** @default as the CDK command says */
  readonly app?: AppProps;
}

/** Of each environment, by its name. */
export type Stages = ReadonlyMap<string, Tutti>;

/** Writes what is deployed. @throws {DefinitionError} with everything that is refused, and nothing is made */
export function synthesize(
  { dags, problems, config }: Loaded,
  { root, environments: named, limits = {}, app: props = {} }: SynthesizeOptions,
): Stages {
  const errors = [
    ...problems.filter(({ severity }) => severity !== 'warning'),
    ...unsharedConnections(config),
    ...environmentProblems(config, named),
  ];
  if (errors.length > 0) throw new DefinitionError(errors);
  const environments = deployedEnvironments(config, named);
  const sources = sourcesOf(dags);
  refuseAny(
    environments,
    sources.map(({ dag }) => dag),
  );
  const app = new App({ ...props, autoSynth: false });
  return orNothing(app.outdir, (begins) => {
    const stages = environments.map((environment) => {
      const stage = new Tutti(app, stageId(environment.name), { dags: sources, environment, root, limits });
      return [environment.name, stage] as const;
    });
    begins();
    app.synth();
    return new Map(stages);
  });
}

/** An id of a stage begins with a letter. */
function stageId(name: string): string {
  return /^[a-z]/.test(name) ? name : `env-${name}`;
}
