/** A DAG's machines, each with the version that runs start. */

import { arnOf, machineLogGroupName } from '../../deployment/names.ts';
import { acceptMachine } from '../acknowledge.ts';
import { type CfnRole, CfnStateMachine, CfnStateMachineVersion, Construct, type Stack } from '../cdk.ts';
import { putText } from '../code/assets.ts';
import type { CompiledMachine } from '../compiled-dag.ts';
import type { Setting } from '../environment.ts';
import type { Tag } from '../function-configuration.ts';
import { keepReplaced } from '../keep.ts';

export interface MachineOptions {
  readonly stack: Stack;
  readonly name: string;
  readonly role: CfnRole;
  readonly setting: Setting;
  readonly tags: readonly Tag[];
}

export interface Machines {
  /** ARN of the version. */
  readonly version: string;
  /** Those of parts, by key of `run.machines`. Absent: the DAG is not divided. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** Definitions above so many characters are files of their own: some fifty DAGs fit a template. */
const MOST_INLINE = 8_192;

/** Names of a machine and its parts. */
export function namesOf(name: string, { parts }: CompiledMachine): readonly string[] {
  return [name, ...Object.keys(parts).map((part) => `${name}-${part}`)];
}

export function machinesOf(
  scope: Construct,
  id: string,
  { text, parts }: CompiledMachine,
  options: MachineOptions,
): Machines {
  const version = machineOf(scope, id, text, options);
  const entries = Object.entries(parts);
  if (entries.length === 0) return { version };
  const place = new Construct(scope, `${id}Parts`);
  const versions = entries.map(([part, one]) => [
    part,
    machineOf(place, part, one.text, { ...options, name: `${options.name}-${part}` }),
  ]);
  return { version, parts: Object.fromEntries(versions) };
}

function machineOf(
  scope: Construct,
  id: string,
  text: string,
  { stack, name, role, setting, tags }: MachineOptions,
): string {
  const { place, aws } = setting;
  const definition = text.replaceAll('"arn:aws:states:::', `"arn:${place.partition}:states:::`);
  const machine = new CfnStateMachine(scope, id, {
    stateMachineName: name,
    stateMachineType: 'STANDARD',
    roleArn: role.attrArn,
    ...(definition.length <= MOST_INLINE
      ? { definitionString: definition }
      : { definitionS3Location: putText(stack, definition, `${name} definition`) }),
    ...(aws.tracing === true ? { tracingConfiguration: { enabled: true } } : {}),
    ...loggingOf(setting),
    ...(aws.encryptionKey === undefined ? {} : { encryptionConfiguration: encryption(aws.encryptionKey) }),
    tags: [...tags],
  });
  acceptMachine(machine, { tracing: aws.tracing === true, logs: aws.logs ?? 'OFF' });
  const version = new CfnStateMachineVersion(machine, 'Version', {
    stateMachineArn: machine.attrArn,
    stateMachineRevisionId: machine.attrStateMachineRevisionId,
  });
  return keepReplaced(version).attrArn;
}

/** Execution logs, where they are wanted; inputs and outputs are not in them. */
function loggingOf({ place, aws: { logs = 'OFF' } }: Setting) {
  if (logs === 'OFF') return {};
  const group = arnOf(place, 'logs', `log-group:${machineLogGroupName(place.environment)}`);
  return {
    loggingConfiguration: {
      level: logs,
      includeExecutionData: false,
      destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: `${group}:*` } }],
    },
  };
}

function encryption(key: string) {
  return { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: key, kmsDataKeyReusePeriodSeconds: 300 };
}
