/** An environment: a stage with one stack of its own, and those of its DAGs. */
import { join } from 'node:path';
import { DefinitionError } from '../base/errors.ts';
import { connectionsOf, usesDuckdb } from '../deployment/function-rights.ts';
import { byStack } from '../deployment/stacks.ts';
import { asksOf } from '../model/asks.ts';
import type { DagNode } from '../model/dag.ts';
import type { Manifest } from '../model/manifest.ts';
import { type Construct, PermissionsBoundary, Stage } from './cdk.ts';
import type { DagCode, DagSource } from './code/bundle.ts';
import { bundleDags, codeOf } from './code/bundle.ts';
import { includeProblems } from './code/included.ts';
import { duckdbFolders } from './code/native.ts';
import { sourcesOf } from './code/sources.ts';
import { CoreStack } from './core/core-stack.ts';
import { askedBy } from './dags/dag.ts';
import { DagsStack } from './dags/dags-stack.ts';
import { type DeployedEnvironment, type Setting, settingOf } from './environment.ts';
import { bindingProblems } from './guards/bindings.ts';
import { type Limits, madeProblems } from './guards/made.ts';
import { refuse } from './refuse.ts';
import { rootOf } from './root.ts';

export interface TuttiProps {
  /** DAGs, exported by the files they are declared in; or each with the file that exports it, absolute. */
  readonly dags: readonly (DagNode | DagSource)[];
  readonly environment: DeployedEnvironment;
  /**
   * The project's folder, from the working directory: `include` is from there, and places in files are told from it.
   * @default the working directory where that has a `tutti.config.ts`; else the nearest one, from the app's file upwards,
   * with a `tutti.config.ts` or `cdk.json`, wherever it is started; without one the working directory
   */
  readonly root?: string;
  /** @default those of AWS */
  readonly limits?: Limits;
}

/**
 * DAGs on AWS: `cdk deploy 'Tutti/*'` makes all that they need, `tutti-<environment>-core` first.
 *
 * @example new Tutti(app, 'Tutti', { dags: [orders], environment: { name: 'prod', aws: { account: '…', region: 'eu-central-1' } } })
 * @throws {DefinitionError} with everything that is wrong with the environment, or with DAGs in it
 */
export class Tutti extends Stage {
  /** What is registered of each DAG, by its id. */
  readonly manifests: ReadonlyMap<string, Manifest>;

  constructor(scope: Construct, id: string, props: TuttiProps) {
    const { dags, environment, limits = {} } = props;
    const root = rootOf(props.root);
    const sources = sourcesOf(dags);
    refuse(
      environment,
      sources.map(({ dag }) => dag),
    );
    const setting = settingOf(environment);
    const { place, aws } = setting;
    super(scope, id, {
      env: { account: place.account, region: place.region },
      ...(aws.permissionsBoundary === undefined
        ? {}
        : { permissionsBoundary: PermissionsBoundary.fromName(aws.permissionsBoundary) }),
    });
    const core = new CoreStack(this, setting);
    const code = this.#bundled(sources);
    refuseUnbound(environment, sources, code);
    refuseUnfound(sources, root);
    const duckdb = duckdbOf(setting, sources);
    const cancel = this.#cancelled();
    const stacks: DagsStack[] = [];
    for (const [part, some] of byStack(
      place.environment,
      aws,
      sources.map(({ dag }) => dag),
    )) {
      const stack = new DagsStack(this, {
        setting,
        part,
        dags: [...some].sort((one, other) => (one.id < other.id ? -1 : 1)),
        code,
        duckdbOf: duckdb,
        root,
        cancel,
      });
      stack.addStackDependency(core);
      stacks.push(stack);
    }
    const problems = madeProblems(environment, stacks, limits);
    if (problems.length > 0) throw new DefinitionError(problems);
    takePlace(this.node.root, setting);
    const made = stacks.flatMap((stack) => stack.dags.map(({ version }) => version));
    this.manifests = new Map(made.map(({ dag, manifest }) => [dag.id, manifest]));
  }

  /** Environments of one app deploy the same code: it is made once. */
  #bundled(sources: readonly DagSource[]): ReadonlyMap<string, DagCode> {
    const root = this.node.root;
    const key = JSON.stringify(sources.map(({ dag, file }) => [dag.id, file]));
    const known = bundles.get(root)?.get(key);
    if (known !== undefined) return known;
    const made = bundleDags(sources, join(this.assetOutdir, '.tutti'));
    bundles.set(root, new Map([...(bundles.get(root) ?? []), [key, made]]));
    return made;
  }

  /** `-c tutti:cancel=a,b` */
  #cancelled(): readonly string[] {
    const context: unknown = this.node.tryGetContext('tutti:cancel');
    const ids = typeof context === 'string' ? context.split(',').map((id) => id.trim()) : [];
    return ids.filter((id) => id !== '');
  }
}

/** What bodies ask is known of DAGs from no loader by their code only. @throws {DefinitionError} */
function refuseUnbound(
  environment: DeployedEnvironment,
  sources: readonly DagSource[],
  code: ReadonlyMap<string, DagCode>,
): void {
  const dags = sources.map(({ dag }) => dag).filter((dag) => asksOf(dag) === undefined);
  const problems = bindingProblems(environment, dags, (dag) => askedBy(dag, codeOf(code, dag)));
  if (problems.length > 0) throw new DefinitionError(problems);
}

/** @throws {DefinitionError} */
function refuseUnfound(sources: readonly DagSource[], root: string): void {
  const problems = includeProblems(
    sources.map(({ dag }) => dag),
    root,
  );
  if (problems.length > 0) throw new DefinitionError(problems);
}

const bundles = new WeakMap<object, ReadonlyMap<string, ReadonlyMap<string, DagCode>>>();

/** Folders of DuckDB's packages for a DAG: none where it does not use it. */
function duckdbOf(setting: Setting, sources: readonly DagSource[]): (dag: DagNode) => readonly string[] {
  const uses = (dag: DagNode) => Object.values(connectionsOf(dag, setting)).some(usesDuckdb);
  if (!sources.some(({ dag }) => uses(dag))) return () => [];
  const { folders } = duckdbFolders(setting.place.environment, setting.architecture);
  return (dag) => (uses(dag) ? folders : []);
}

/** Environments of an app, by where they are: two of one place would have the same names. */
const places = new WeakMap<object, Set<string>>();

/** @throws {DefinitionError} where another has this place */
function takePlace(app: object, { place: { account, region, environment } }: Setting): void {
  const taken = places.get(app) ?? new Set();
  const key = `${account} ${region} ${environment}`;
  if (taken.has(key)) {
    const message = `must be one in account ${account} and region ${region}, got two`;
    const remedy = 'give one of them another name';
    throw new DefinitionError([
      { code: 'same-environment', path: `environment "${environment}"`, message, remedy },
    ]);
  }
  places.set(app, taken.add(key));
}
