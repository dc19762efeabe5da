import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../base/json.ts';
import { type MachineRef, machineArn, machineRef, nameOf, unqualified } from './arn.ts';
import { parseDefinition } from './definition.ts';
import { missingMachine, SfnError, validation } from './errors.ts';
import type { Machine, Revision, Version } from './machine.ts';
import { page } from './pages.ts';
import { flag, optionalObject, optionalText, text, word } from './request.ts';
import { tagsOf } from './tags.ts';
import { variableReferences } from './variable-references.ts';
import { publish } from './versions.ts';
import { type Calls, isSame, seconds, type World } from './world.ts';

const NO_LOGGING: JsonObject = { level: 'OFF', includeExecutionData: false };
const NO_TRACING: JsonObject = { enabled: false };

/** The machines of one server, by ARN, in the order of their creation. */
export class Machines {
  readonly all: Map<string, Machine> = new Map();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** @throws {SfnError} `StateMachineDoesNotExist` */
  get(arn: string): Machine {
    const machine = this.all.get(arn);
    if (machine === undefined) throw missingMachine(arn);
    return machine;
  }

  /** What an ARN stands for; an alias of two versions draws one. @throws {SfnError} `StateMachineDoesNotExist` */
  resolve(ref: MachineRef): Resolved {
    const machine = this.get(ref.machineArn);
    if (ref.qualifier === undefined)
      return { machine, revision: machine.revision, versionArn: undefined, aliasArn: undefined };
    const alias = machine.aliases.get(ref.qualifier);
    const versionArn = alias === undefined ? ref.arn : this.#draw(alias.routes);
    const version = machine.versions.find(({ arn }) => arn === versionArn);
    if (version === undefined) throw missingMachine(ref.arn);
    return { machine, revision: version.revision, version, versionArn, aliasArn: alias?.arn };
  }

  #draw(routes: readonly { readonly versionArn: string; readonly weight: number }[]): string {
    const [first, second] = routes;
    const isFirst = second === undefined || this.#world.random() * 100 < (first?.weight ?? 0);
    return (isFirst ? first : second)?.versionArn ?? '';
  }
}

interface Resolved {
  readonly machine: Machine;
  readonly revision: Revision;
  readonly version?: Version;
  readonly versionArn: string | undefined;
  readonly aliasArn: string | undefined;
}

/** Create, update, describe, list; deleting is where the executions are. */
export function machineCalls(world: World, machines: Machines): Calls {
  return {
    CreateStateMachine: (input) => create(world, machines, input),
    UpdateStateMachine: (input) => update(world, machines, input),
    DescribeStateMachine(input) {
      const { machine, revision, version } = machines.resolve(machineRef(input));
      return described(machine, revision, version);
    },
    ListStateMachines(input) {
      const sorted = [...machines.all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      const { items, nextToken } = page(input, 'machines', sorted, ({ arn }) => arn);
      const stateMachines = items.map(({ arn, name, type, createdMs }) => ({
        stateMachineArn: arn,
        name,
        type,
        creationDate: seconds(createdMs),
      }));
      return { stateMachines, nextToken };
    },
  };
}

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
function create(world: World, machines: Machines, input: JsonObject): JsonObject {
  const name = nameOf(input);
  const type = word(input, 'type', ['STANDARD', 'EXPRESS']) ?? 'STANDARD';
  const definition = text(input, 'definition', { min: 1 });
  const isPublished = isPublishing(input);
  const arn = machineArn(world, name);
  const revision: Revision = {
    id: undefined,
    definition,
    machine: parseDefinition(definition, type),
    roleArn: text(input, 'roleArn', { min: 1, max: 256 }),
    logging: optionalObject(input, 'loggingConfiguration') ?? NO_LOGGING,
    tracing: optionalObject(input, 'tracingConfiguration') ?? NO_TRACING,
    updatedMs: world.clock.now(),
  };
  const known = machines.all.get(arn);
  if (known !== undefined) return createdBefore(known, { type, revision, input, isPublished });
  const machine: Machine = {
    arn,
    name,
    type,
    createdMs: world.clock.now(),
    revision,
    versions: [],
    lastVersion: 0,
    aliases: new Map(),
    tags: tagsOf(input),
  };
  const version = isPublished ? publish(world, machine, versionDescription(input)) : undefined;
  machines.all.set(arn, machine);
  return created(machine, version);
}

/** The same request again is answered as before; anything else under the name is refused. */
function createdBefore(
  known: Machine,
  asked: {
    readonly type: string;
    readonly revision: Revision;
    readonly input: JsonObject;
    readonly isPublished: boolean;
  },
): JsonObject {
  const { definition, logging, tracing } = known.revision;
  const first = known.versions[0];
  const isAgain =
    known.type === asked.type &&
    isSame(definition, asked.revision.definition) &&
    isSame(logging, asked.revision.logging) &&
    isSame(tracing, asked.revision.tracing) &&
    asked.isPublished === (first !== undefined) &&
    (!asked.isPublished || first?.description === versionDescription(asked.input));
  if (isAgain) return created(known, first);
  throw new SfnError('StateMachineAlreadyExists', `State Machine Already Exists: '${known.arn}'`);
}

function created({ arn, createdMs }: Machine, version: Version | undefined): JsonObject {
  return {
    stateMachineArn: arn,
    creationDate: seconds(createdMs),
    stateMachineVersionArn: version?.arn,
  };
}

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html */
function update(world: World, machines: Machines, input: JsonObject): JsonObject {
  const machine = machines.get(unqualified(machineRef(input)));
  const isPublished = isPublishing(input);
  const definition = optionalText(input, 'definition', { min: 1 });
  const roleArn = optionalText(input, 'roleArn', { min: 1, max: 256 });
  const logging = optionalObject(input, 'loggingConfiguration');
  const tracing = optionalObject(input, 'tracingConfiguration');
  const changes = [definition, roleArn, logging, tracing, input['encryptionConfiguration']];
  if (changes.every((change) => change === undefined))
    throw new SfnError(
      'MissingRequiredParameter',
      'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
    );
  const { revision: before } = machine;
  const after: Revision = {
    id: randomUUID(),
    definition: definition ?? before.definition,
    machine: definition === undefined ? before.machine : parseDefinition(definition, machine.type),
    roleArn: roleArn ?? before.roleArn,
    logging: logging ?? before.logging,
    tracing: tracing ?? before.tracing,
    updatedMs: world.clock.now(),
  };
  // What changes nothing makes no revision.
  if (!isSame(content(before), content(after))) machine.revision = after;
  const version = isPublished ? publish(world, machine, versionDescription(input)) : undefined;
  return {
    updateDate: seconds(after.updatedMs),
    revisionId: machine.revision.id,
    stateMachineVersionArn: version?.arn,
  };
}

function content({ definition, roleArn, logging, tracing }: Revision): JsonObject {
  return { definition, roleArn, logging, tracing };
}

function isPublishing(input: JsonObject): boolean {
  const isPublished = flag(input, 'publish');
  if (!isPublished && versionDescription(input) !== undefined)
    throw validation('Version description can only be set when publish is true');
  return isPublished;
}

function versionDescription(input: JsonObject): string | undefined {
  return optionalText(input, 'versionDescription', { max: 256 });
}

/** What Describe says of a machine or one of its versions. */
function described(machine: Machine, revision: Revision, version?: Version): JsonObject {
  return {
    stateMachineArn: version?.arn ?? machine.arn,
    name: machine.name,
    status: 'ACTIVE',
    type: machine.type,
    creationDate: seconds(version?.createdMs ?? machine.createdMs),
    description: version?.description,
    ...configuration(revision),
  };
}

/** The parts of a machine that an update replaces. */
export function configuration(revision: Revision): JsonObject {
  return {
    definition: revision.definition,
    roleArn: revision.roleArn,
    loggingConfiguration: revision.logging,
    tracingConfiguration: revision.tracing,
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    revisionId: revision.id,
    variableReferences: variableReferences(revision.definition),
  };
}
