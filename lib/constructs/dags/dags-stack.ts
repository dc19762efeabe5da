/** Some of an environment's DAGs. */
import { relative } from 'node:path';
import type { RegisterProperties } from '../../deployment/events.ts';
import { arnOf, coreFunctionName, dagsStackName } from '../../deployment/names.ts';
import type { DagNode } from '../../model/dag.ts';
import type { DagVersion } from '../../model/dag-version.ts';
import { CfnResource, type Construct, Stack } from '../cdk.ts';
import { putText } from '../code/assets.ts';
import { codeOf, type DagCode } from '../code/bundle.ts';
import type { Setting } from '../environment.ts';
import { stackProps } from '../stack-props.ts';
import { Dag, type DagProps } from './dag.ts';
import { schedulesOf } from './schedules.ts';

export interface DagsProps {
  readonly setting: Setting;
  /** The stack's name among the environment's: `0`. */
  readonly part: string;
  readonly dags: readonly DagNode[];
  readonly code: ReadonlyMap<string, DagCode>;
  /** Folders of DuckDB's packages for DAGs that use it. */
  readonly duckdbOf: (dag: DagNode) => readonly string[];
  /** Folder that places in files are told from. */
  readonly root: string;
  /** DAGs whose active runs are cancelled rather than keep them from being removed. */
  readonly cancel: readonly string[];
}

export class DagsStack extends Stack {
  readonly dags: readonly Dag[];
  /** Its name among the environment's. */
  readonly part: string;

  constructor(scope: Construct, props: DagsProps) {
    const { setting, part, dags, code, duckdbOf } = props;
    const { environment } = setting.place;
    super(scope, `Dags${part}`, {
      stackName: dagsStackName(environment, part),
      description: `DAGs of ${environment}, ${part}: compiled by Tutti.`,
      ...stackProps(setting, part),
    });
    this.part = part;
    this.dags = dags.map((dag) => {
      const made: DagProps = {
        dag,
        code: codeOf(code, dag),
        setting,
        part,
        duckdb: duckdbOf(dag),
        root: props.root,
      };
      return new Dag(this, made);
    });
    const register = this.#register(props);
    for (const made of this.dags) {
      const { place } = setting;
      const options = { dag: made.version.dag, place, part };
      // Fires only what is known, and no more once it is forgotten.
      for (const schedule of schedulesOf(made, options)) schedule.addResourceDependency(register);
    }
  }

  /** Tells the table what there is, and refuses to remove what still runs. */
  #register({ setting: { place }, part, root, cancel }: DagsProps): CfnResource {
    const versions = this.dags.map(({ version }) => withoutMachine(version, root));
    const { bucket, key } = putText(this, JSON.stringify(versions), `DAGs of ${this.stackName}`);
    const properties: RegisterProperties = {
      ServiceToken: arnOf(place, 'lambda', `function:${coreFunctionName(place.environment, 'register')}`),
      Environment: place.environment,
      Stack: part,
      ManifestBucket: bucket,
      ManifestKey: key,
      Dags: this.dags.map(({ registered }) => registered),
      ...(cancel.length === 0 ? {} : { Cancel: cancel }),
    };
    return new CfnResource(this, 'Register', {
      type: 'Custom::TuttiDags',
      properties: { ...properties, ServiceTimeout: String(SERVICE_SECONDS) },
    });
  }
}

/** Seconds that CloudFormation waits for an answer: without it, an hour. */
const SERVICE_SECONDS = 120;

/** Places in files as they are in the project, wherever it lies. */
function withoutMachine({ dag, manifest }: DagVersion, root: string): DagVersion {
  const at = <Node extends { readonly at?: DagNode['at'] }>(node: Node): Node =>
    node.at === undefined
      ? node
      : { ...node, at: { ...node.at, file: relative(root, node.at.file).replaceAll('\\', '/') } };
  return { dag: at({ ...dag, tasks: dag.tasks.map(at) }), manifest };
}
