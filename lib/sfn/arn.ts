/** Names of machines and executions. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html */
import { FORBIDDEN_IN_NAMES, MAX_NAME_LENGTH } from '../asl/limits.ts';
import type { JsonObject } from '../base/json.ts';
import { invalidArn, missingMachine, SfnError } from './errors.ts';
import { text } from './request.ts';

/** Where this server says it is. */
export interface Place {
  readonly region: string;
  /** 12 digits. */
  readonly account: string;
}

export function machineArn({ region, account }: Place, name: string): string {
  return `arn:aws:states:${region}:${account}:stateMachine:${name}`;
}

/** An Express execution's ARN has a part of its own, because its name may be used again. */
export function executionArn(ofMachine: string, name: string, expressId?: string): string {
  const kind = expressId === undefined ? ':execution:' : ':express:';
  const tail = expressId === undefined ? '' : `:${expressId}`;
  return `${ofMachine.replace(':stateMachine:', kind)}:${name}${tail}`;
}

/** A machine's ARN, perhaps with a version's number or an alias' name behind it. */
export interface MachineRef {
  readonly arn: string;
  readonly machineArn: string;
  readonly qualifier: string | undefined;
  /** The mocked test case of `…:stateMachine:name#TestCase`. @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html */
  readonly testCase: string | undefined;
}

/** Reads the ARN of a machine, a version or an alias. @throws {SfnError} `InvalidArn` */
export function machineRef(input: JsonObject, name = 'stateMachineArn'): MachineRef {
  const given = text(input, name, { min: 1, max: 256 });
  const [arn = '', testCase] = given.split('#', 2);
  const parts = partsOf(arn, 'stateMachine');
  const [, , , , , , machine = '', qualifier, ...more] = parts;
  if (machine === '' || more.length > 0) throw invalidArn(`Invalid ARN: ${arn}`);
  return { arn, machineArn: parts.slice(0, 7).join(':'), qualifier, testCase };
}

/** @throws {SfnError} `StateMachineDoesNotExist` for a version or an alias, where only a machine will do */
export function unqualified(ref: MachineRef): string {
  if (ref.qualifier === undefined) return ref.machineArn;
  throw missingMachine(ref.arn);
}

/** Reads the ARN of an execution. @throws {SfnError} `InvalidArn` */
export function executionRef(input: JsonObject): string {
  const arn = text(input, 'executionArn', { min: 1, max: 256 });
  partsOf(arn, 'execution');
  return arn;
}

/** Reads a name. @throws {SfnError} `InvalidName` for what no name may contain */
export function nameOf(input: JsonObject): string {
  const name = text(input, 'name', { min: 1, max: MAX_NAME_LENGTH });
  if (FORBIDDEN_IN_NAMES.test(name)) throw new SfnError('InvalidName', `Invalid Name: '${name}'`);
  return name;
}

function partsOf(arn: string, wanted: string): readonly string[] {
  const parts = arn.split(':');
  const [prefix, , service, , , kind = ''] = parts;
  if (prefix !== 'arn' || parts.length < 7) throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (service !== 'states' || kind !== wanted)
    throw invalidArn(`Resource type not valid in this context: ${kind}`);
  return parts;
}
