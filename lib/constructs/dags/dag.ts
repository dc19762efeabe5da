/** One DAG: nine resources where it is not divided. */
import { type DagFunction, functionsOf, MAIN_FUNCTION } from '../../compiler/functions.ts';
import type { RegisteredDag } from '../../deployment/events.ts';
import type { DagFile } from '../../deployment/files.ts';
import { connectionsOf, filled, functionRights } from '../../deployment/function-rights.ts';
import { machineRights } from '../../deployment/machine-rights.ts';
import { type AwsPlace, bucketName, dagName, sizedName } from '../../deployment/names.ts';
import { surroundings, useKey } from '../../deployment/rights.ts';
import type { Permission } from '../../engines/permission.ts';
import { permissionsOf } from '../../engines/permissions-of.ts';
import { type Asks, asksOf } from '../../model/asks.ts';
import type { DagNode } from '../../model/dag.ts';
import type { DagVersion } from '../../model/dag-version.ts';
import { asksOfBodies } from '../../project/asks-in.ts';
import { Construct, type Stack } from '../cdk.ts';
import type { DagCode } from '../code/bundle.ts';
import { type Beside, type DagFiles, dagFiles } from '../code/function-files.ts';
import { includedFiles } from '../code/included.ts';
import { type CompiledDag, compiledDag, definitionsOf } from '../compiled-dag.ts';
import type { Setting } from '../environment.ts';
import { roleOf } from '../policy.ts';
import { versionedFunctions } from './function.ts';
import { hashesOf } from './hashes.ts';
import { type MachineOptions, machinesOf, namesOf } from './machines.ts';

export interface DagProps {
  readonly dag: DagNode;
  readonly code: DagCode;
  readonly setting: Setting;
  /** The stack's name among the environment's: `0`. */
  readonly part: string;
  /** Folders of DuckDB's packages. */
  readonly duckdb: readonly string[];
  /** The project's folder. */
  readonly root: string;
}

export class Dag extends Construct {
  /** What is registered, its ARNs known to CloudFormation only. */
  readonly registered: RegisteredDag;
  readonly version: DagVersion;
  readonly files: DagFiles;

  constructor(stack: Stack, props: DagProps) {
    const { dag, setting, part, code } = props;
    super(stack, dag.id);
    const { place, aws } = setting;
    const compiled = compiledDag(dag);
    const name = dagName(place.environment, dag.id, part);
    const asks = askedBy(dag, code);
    const connections = connectionsOf(dag, setting, asks);
    this.files = dagFiles(code, dagFile(setting, { connections, asks }), besideOf(props));
    const around = { vpc: usesVpc(dag, setting), tracing: aws.tracing === true };
    const rights = {
      function: [
        ...functionRights(dag, { place, connections, secrets: asks.secrets }),
        ...surroundings(around),
        ...useKey(aws.encryptionKey),
      ],
      machine: machineRightsOf(compiled, { ...props, name }),
    };
    const path = `/tutti/${place.environment}/${dag.id}/`;
    const tags = tagsOf(dag);
    const [role, fnRole] = [
      roleOf(this, 'Role', {
        service: 'states.amazonaws.com',
        conditions: { StringEquals: { 'aws:SourceAccount': place.account } },
        rights: rights.machine,
        path,
        perRights: true,
      }),
      roleOf(this, 'FunctionRole', {
        service: 'lambda.amazonaws.com',
        rights: rights.function,
        path,
        perRights: true,
      }),
    ];
    const fns = versionedFunctions(this, {
      stack,
      sizes: functionsOf(dag).map((size) => ({ ...size, name: functionName(place, dag.id, { part, size }) })),
      role: fnRole,
      files: this.files,
      setting,
      tags,
    });
    const options: MachineOptions = { stack, name, role, setting, tags };
    const machines = machinesOf(this, 'Machine', compiled.main, options);
    const rerun = machinesOf(this, 'Rerun', compiled.rerun, { ...options, name: `${name}-rerun` });
    const { hash, parts } = hashesOf({ compiled, files: this.files, fns, rights });
    this.registered = {
      id: dag.id,
      hash,
      machine: machines.version,
      rerun: rerun.version,
      fns: fns.versions,
      ...partsOf(machines, rerun),
    };
    this.version = { dag, manifest: { ...compiled.manifest, hash, parts } };
  }
}

function partsOf(
  { parts }: ReturnType<typeof machinesOf>,
  { parts: rerunParts }: ReturnType<typeof machinesOf>,
): Pick<RegisteredDag, 'parts' | 'rerunParts'> {
  return { ...(parts === undefined ? {} : { parts }), ...(rerunParts === undefined ? {} : { rerunParts }) };
}

function functionName(
  { environment }: AwsPlace,
  dagId: string,
  { part, size }: { readonly part: string; readonly size: DagFunction },
): string {
  return size.key === MAIN_FUNCTION
    ? dagName(environment, dagId, part)
    : sizedName(environment, dagId, part, size.key);
}

/** What bodies may ask, complete also where the DAG comes from no loader. */
export function askedBy(dag: DagNode, { files }: DagCode): Asks {
  const own = asksOfBodies(dag, () => files);
  return asksOf({ ...dag, asks: own }) ?? own;
}

function usesVpc(dag: DagNode, { aws }: Setting): boolean {
  return functionsOf(dag).some(({ vpc = aws.vpc ?? false }) => vpc !== false);
}

function besideOf({ dag, duckdb, root }: DagProps): Beside {
  return { native: duckdb, included: includedFiles(dag, root) };
}

function dagFile({ place }: Setting, more: Pick<DagFile, 'connections' | 'asks'>): DagFile {
  return { environment: place.environment, bucket: bucketName(place), ...more };
}

function machineRightsOf(
  compiled: CompiledDag,
  { dag, setting, part, name }: DagProps & { readonly name: string },
): readonly Permission[] {
  const { place, aws } = setting;
  const functions = functionsOf(dag).map((size) => functionName(place, dag.id, { part, size }));
  const machines = [...namesOf(name, compiled.main), ...namesOf(`${name}-rerun`, compiled.rerun)];
  return [
    ...machineRights(definitionsOf(compiled), { place, dagId: dag.id, functions, machines }),
    ...permissionsOf(dag, connectionsOf(dag, setting)).machine.map((right) => filled(right, place, dag.id)),
    ...surroundings({ vpc: false, tracing: aws.tracing === true, logs: (aws.logs ?? 'OFF') !== 'OFF' }),
    ...useKey(aws.encryptionKey),
  ];
}

function tagsOf({ id, owner }: DagNode): readonly { readonly key: string; readonly value: string }[] {
  return [
    { key: 'tutti:dag', value: id },
    ...(owner === undefined ? [] : [{ key: 'tutti:owner', value: tagValue(owner) }]),
  ];
}

/** What a tag's value may not hold is left out. @see https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
function tagValue(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}\s_.:/=+\-@]/gu, '').slice(0, 256);
}
