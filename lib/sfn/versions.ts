/** Published versions. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html */
import type { JsonObject } from '../base/json.ts';
import { machineRef, unqualified } from './arn.ts';
import { SfnError, validation } from './errors.ts';
import type { Machine, Version } from './machine.ts';
import type { Machines } from './machines.ts';
import { page } from './pages.ts';
import { optionalText } from './request.ts';
import { type Calls, seconds, type World } from './world.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_VERSIONS = 1_000;

export function versionCalls(world: World, machines: Machines): Calls {
  return {
    PublishStateMachineVersion(input) {
      const machine = machines.get(unqualified(machineRef(input)));
      const wanted = optionalText(input, 'revisionId');
      const current = machine.revision.id ?? 'INITIAL';
      if (wanted !== undefined && wanted !== current)
        throw new SfnError(
          'ConflictException',
          `Failed to publish the State Machine version for revision ${wanted}. The current State Machine revision is ${current}.`,
        );
      const version = publish(world, machine, optionalText(input, 'description', { max: 256 }));
      return { creationDate: seconds(version.createdMs), stateMachineVersionArn: version.arn };
    },
    DeleteStateMachineVersion: (input) => remove(machines, input),
    ListStateMachineVersions(input) {
      const { versions } = machines.get(unqualified(machineRef(input)));
      const { items, nextToken } = page(input, 'versions', versions.toReversed(), ({ arn }) => arn);
      const stateMachineVersions = items.map(({ arn, createdMs }) => ({
        stateMachineVersionArn: arn,
        creationDate: seconds(createdMs),
      }));
      return { stateMachineVersions, nextToken };
    },
  };
}

/** The version of a machine's present revision: a new one, unless it was published before. */
export function publish(world: World, machine: Machine, description: string | undefined): Version {
  const known = machine.versions.find(({ revision }) => revision === machine.revision);
  if (known !== undefined) return known;
  if (machine.versions.length >= MAX_VERSIONS)
    throw new SfnError(
      'ServiceQuotaExceededException',
      `${machine.arn}: at most ${MAX_VERSIONS} versions; delete one first`,
    );
  machine.lastVersion += 1;
  const version: Version = {
    arn: `${machine.arn}:${machine.lastVersion}`,
    description,
    createdMs: world.clock.now(),
    revision: machine.revision,
  };
  machine.versions = [...machine.versions, version];
  return version;
}

function remove(machines: Machines, input: JsonObject): JsonObject {
  const ref = machineRef(input, 'stateMachineVersionArn');
  if (ref.qualifier === undefined || !/^\d+$/.test(ref.qualifier))
    throw validation(`Value '${ref.arn}' at 'stateMachineVersionArn' must be the ARN of a version`);
  const machine = machines.all.get(ref.machineArn);
  const holders = [...(machine?.aliases.values() ?? [])].filter(({ routes }) =>
    routes.some(({ versionArn }) => versionArn === ref.arn),
  );
  if (holders.length > 0)
    throw new SfnError(
      'ConflictException',
      `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${holders.map(({ name }) => name).join(', ')}]`,
    );
  if (machine !== undefined) machine.versions = machine.versions.filter(({ arn }) => arn !== ref.arn);
  return {};
}
