/** The functions that run a DAG's tasks, one per size, and the versions of them that runs keep. */
import { shortHash } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import { type DagFunction, MAIN_FUNCTION } from '../../compiler/functions.ts';
import type { FunctionVpc } from '../../model/task.ts';
import { acceptFunction } from '../acknowledge.ts';
import { CfnFunction, type CfnRole, CfnVersion, Construct, type Stack } from '../cdk.ts';
import { type FunctionFiles, putFiles } from '../code/assets.ts';
import type { Setting } from '../environment.ts';
import { functionConfiguration, type Tag } from '../function-configuration.ts';
import { keepAlways } from '../keep.ts';

export interface FunctionOptions {
  readonly stack: Stack;
  readonly sizes: readonly NamedSize[];
  readonly role: CfnRole;
  readonly files: FunctionFiles;
  readonly setting: Setting;
  readonly tags: readonly Tag[];
}

export interface NamedSize extends DagFunction {
  readonly name: string;
}

export interface VersionedFunctions {
  /** ARNs of versions, by name in `run.fns`. */
  readonly versions: Readonly<Record<string, string>>;
  readonly configurations: Readonly<Record<string, JsonObject>>;
}

/** Seconds, the longest Lambda allows: a task's own time-out ends it before. */
const LONGEST_SECONDS = 900;

export function versionedFunctions(scope: Construct, options: FunctionOptions): VersionedFunctions {
  const made = options.sizes.map((size) => {
    const configuration = configurationOf(size, options.setting);
    const place = size.key === MAIN_FUNCTION ? scope : new Construct(scope, size.key);
    return { key: size.key, configuration, version: versionOf(place, { ...options, size, configuration }) };
  });
  return {
    versions: Object.fromEntries(made.map(({ key, version }) => [key, version])),
    configurations: Object.fromEntries(made.map(({ key, configuration }) => [key, configuration])),
  };
}

type Configuration = ReturnType<typeof configurationOf>;

function configurationOf({ memory, ephemeralStorage, vpc }: DagFunction, setting: Setting) {
  return {
    handler: 'index.handler',
    memorySize: memory,
    timeout: LONGEST_SECONDS,
    ...(ephemeralStorage === undefined ? {} : { ephemeralStorage: { size: ephemeralStorage } }),
    ...functionConfiguration(setting),
    ...vpcOf(vpc ?? setting.aws.vpc ?? false),
  };
}

function versionOf(
  scope: Construct,
  options: FunctionOptions & { readonly size: NamedSize; readonly configuration: Configuration },
): string {
  const { stack, size, configuration, role, files, setting, tags } = options;
  const { bucket, key } = putFiles(stack, files, `${size.name} code`);
  const fn = new CfnFunction(scope, 'Function', {
    ...configuration,
    functionName: size.name,
    role: role.attrArn,
    code: { s3Bucket: bucket, s3Key: key },
    tags: [...tags],
  });
  acceptFunction(fn, setting.aws.tracing === true);
  const published = new CfnVersion(scope, 'FunctionVersion', { functionName: fn.ref });
  // A version is of what it was published from: other code, configuration or role is another resource.
  const hash = shortHash(JSON.stringify([files.hash, configuration, role.path ?? '']));
  published.overrideLogicalId(`${stack.getLogicalId(fn).slice(0, 200)}V${hash}`);
  return keepAlways(published).ref;
}

function vpcOf(vpc: FunctionVpc | false) {
  if (vpc === false) return {};
  return { vpcConfig: { subnetIds: [...vpc.subnetIds], securityGroupIds: [...vpc.securityGroupIds] } };
}
