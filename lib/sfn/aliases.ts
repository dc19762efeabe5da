/** Names for versions. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-alias.html */
import type { JsonObject } from '../base/json.ts';
import { type MachineRef, machineRef, unqualified } from './arn.ts';
import { SfnError, validation } from './errors.ts';
import type { Alias, Machine } from './machine.ts';
import type { Machines } from './machines.ts';
import { page } from './pages.ts';
import { count, objects, optionalText, text } from './request.ts';
import { type Calls, isSame, seconds, type World } from './world.ts';

const NAME = 'stateMachineAliasArn';

/** A name that no version has. */
const ALIAS = /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+$/;

export function aliasCalls(world: World, machines: Machines): Calls {
  return {
    CreateStateMachineAlias: (input) => create(world, machines, input),
    UpdateStateMachineAlias(input) {
      const { machine, alias } = known(machines, machineRef(input, NAME));
      const updatedMs = world.clock.now();
      const description = descriptionOf(input) ?? alias.description;
      const routes = input['routingConfiguration'] === undefined ? alias.routes : routesOf(machines, input);
      if (!routes.every(({ versionArn }) => versionArn.startsWith(`${machine.arn}:`))) throw otherMachine();
      machine.aliases.set(alias.name, { ...alias, description, routes, updatedMs });
      return { updateDate: seconds(updatedMs) };
    },
    DescribeStateMachineAlias: (input) => described(known(machines, machineRef(input, NAME)).alias),
    DeleteStateMachineAlias(input) {
      const { machineArn, qualifier = '' } = machineRef(input, NAME);
      machines.all.get(machineArn)?.aliases.delete(qualifier);
      return {};
    },
    ListStateMachineAliases(input) {
      const ref = machineRef(input);
      const isVersion = ref.qualifier !== undefined;
      const { aliases } = machines.get(isVersion ? ref.machineArn : unqualified(ref));
      const listed = [...aliases.values()].filter(
        ({ routes }) => !isVersion || routes.some(({ versionArn }) => versionArn === ref.arn),
      );
      const { items, nextToken } = page(input, 'aliases', listed, ({ arn }) => arn);
      const stateMachineAliases = items.map(({ arn, createdMs }) => ({
        stateMachineAliasArn: arn,
        creationDate: seconds(createdMs),
      }));
      return { stateMachineAliases, nextToken };
    },
  };
}

function create(world: World, machines: Machines, input: JsonObject): JsonObject {
  const name = text(input, 'name', { min: 1, max: 80 });
  if (!ALIAS.test(name))
    throw validation(
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ${ALIAS.source}`,
    );
  const routes = routesOf(machines, input);
  const machine = machines.get(routes[0]?.versionArn.split(':').slice(0, 7).join(':') ?? '');
  const arn = `${machine.arn}:${name}`;
  const description = descriptionOf(input);
  const before = machine.aliases.get(name);
  if (before !== undefined) {
    if (isSame({ routes, description }, { routes: before.routes, description: before.description }))
      return { stateMachineAliasArn: arn, creationDate: seconds(before.createdMs) };
    throw new SfnError(
      'ConflictException',
      'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
    );
  }
  const createdMs = world.clock.now();
  machine.aliases.set(name, { arn, name, createdMs, updatedMs: createdMs, description, routes });
  return { stateMachineAliasArn: arn, creationDate: seconds(createdMs) };
}

function known(machines: Machines, ref: MachineRef): { readonly machine: Machine; readonly alias: Alias } {
  const machine = machines.all.get(ref.machineArn);
  const alias = machine?.aliases.get(ref.qualifier ?? '');
  if (machine !== undefined && alias !== undefined) return { machine, alias };
  throw new SfnError('ResourceNotFound', 'Request references a resource that does not exist.');
}

/** One or two versions of one machine, weighing 100 together. @throws {SfnError} `ValidationException` */
function routesOf(machines: Machines, input: JsonObject): Alias['routes'] {
  const routes = objects(input, 'routingConfiguration').map((route) => ({
    ref: machineRef(route, 'stateMachineVersionArn'),
    weight: count(route, 'weight', 100) ?? 0,
  }));
  const arns = routes.map(({ ref }) => ref.arn);
  const received = `Received: [${arns.join(', ')}]`;
  if (routes.length < 1 || routes.length > 2)
    throw validation(
      `1 validation error detected: Value '[${arns.join(', ')}]' at 'routingConfiguration' failed to satisfy constraint: Member must have length ${routes.length < 1 ? 'greater than or equal to 1' : 'less than or equal to 2'}`,
    );
  if (!arns.every((arn) => /:\d+$/.test(arn)))
    throw validation(`Routing configuration must contain state machine version ARNs. ${received}`);
  if (new Set(arns).size < arns.length)
    throw validation(`Routing configuration must contain distinct state machine version ARNs. ${received}`);
  if (new Set(routes.map(({ ref }) => ref.machineArn)).size > 1) throw otherMachine();
  const weights = routes.map(({ weight }) => weight);
  if (weights.reduce((total, weight) => total + weight, 0) !== 100)
    throw validation(
      `Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`,
    );
  for (const { ref } of routes) machines.resolve(ref);
  return routes.map(({ ref, weight }) => ({ versionArn: ref.arn, weight }));
}

function otherMachine(): SfnError {
  return validation('Routing configuration must contain versions of the same state machine');
}

function descriptionOf(input: JsonObject): string | undefined {
  return optionalText(input, 'description', { max: 256 });
}

function described(alias: Alias): JsonObject {
  return {
    stateMachineAliasArn: alias.arn,
    name: alias.name,
    description: alias.description,
    routingConfiguration: alias.routes.map(({ versionArn, weight }) => ({
      stateMachineVersionArn: versionArn,
      weight,
    })),
    creationDate: seconds(alias.createdMs),
    updateDate: seconds(alias.updatedMs),
  };
}
