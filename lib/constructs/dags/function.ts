/** The function that runs a DAG's tasks, and the version of it that runs keep. */
import { shortHash } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import { type FunctionFiles, putFiles } from '../assets.ts';
import { CfnFunction, type CfnRole, CfnVersion, type Construct, type Stack } from '../cdk.ts';
import type { Setting } from '../environment.ts';
import { functionConfiguration, type Tag } from '../function-configuration.ts';
import { keepAlways } from '../keep.ts';

export interface FunctionOptions {
  readonly stack: Stack;
  readonly name: string;
  readonly role: CfnRole;
  readonly files: FunctionFiles;
  readonly setting: Setting;
  readonly tags: readonly Tag[];
}

export interface VersionedFunction {
  /** ARN. */
  readonly version: string;
  readonly configuration: JsonObject;
}

/** Seconds, the longest Lambda allows: a task's own time-out ends it before. */
const LONGEST_SECONDS = 900;
const MEMORY_MB = 512;

export function versionedFunction(scope: Construct, options: FunctionOptions): VersionedFunction {
  const { stack, name, role, files, setting, tags } = options;
  const configuration = {
    handler: 'index.handler',
    memorySize: MEMORY_MB,
    timeout: LONGEST_SECONDS,
    ...functionConfiguration(setting),
    ...vpcOf(setting),
  };
  const { bucket, key } = putFiles(stack, files, `${name} code`);
  const fn = new CfnFunction(scope, 'Function', {
    ...configuration,
    functionName: name,
    role: role.attrArn,
    code: { s3Bucket: bucket, s3Key: key },
    tags: [...tags],
  });
  const published = new CfnVersion(scope, 'FunctionVersion', { functionName: fn.ref });
  // A version is of what it was published from: other code, configuration or role is another resource.
  const hash = shortHash(JSON.stringify([files.hash, configuration, role.path ?? '']));
  published.overrideLogicalId(`${stack.getLogicalId(fn).slice(0, 200)}V${hash}`);
  return { version: keepAlways(published).ref, configuration };
}

function vpcOf({ aws: { vpc } }: Setting) {
  if (vpc === undefined) return {};
  return { vpcConfig: { subnetIds: [...vpc.subnetIds], securityGroupIds: [...vpc.securityGroupIds] } };
}
