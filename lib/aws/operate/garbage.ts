/** Which old versions and roles nobody needs any more. Pure. */

/** Published versions of a machine or a function, as they are listed. */
export interface Versioned {
  /** Of the machine or function, without version. */
  readonly arn: string;
  /** Of the role that it has now, published or not. */
  readonly roleArn: string;
  readonly versions: readonly PublishedVersion[];
}

export interface PublishedVersion {
  readonly arn: string;
  readonly createdMs: number;
  /** Of the role that it keeps. */
  readonly roleArn: string;
}

export interface Role {
  readonly arn: string;
  readonly name: string;
  readonly createdMs: number;
}

export interface Inventory {
  readonly machines: readonly Versioned[];
  readonly functions: readonly Versioned[];
  readonly roles: readonly Role[];
}

export interface Garbage {
  readonly machineVersions: readonly string[];
  readonly functionVersions: readonly string[];
  readonly roles: readonly Role[];
}

export interface Kept {
  /** ARNs of versions that a run may still start with, or goes on with. */
  readonly used: ReadonlySet<string>;
  /** What was made later stays whatever uses it: a deployment may be under way. Milliseconds since the epoch. */
  readonly madeBeforeMs: number;
}

/**
 * What may go: versions that are not the newest of their machine or function, made before a time, and that nothing
 * names; and the roles that only such versions have.
 */
export function garbageIn({ machines, functions, roles }: Inventory, kept: Kept): Garbage {
  const machineVersions = machines.flatMap((each) => unused(each, kept));
  const functionVersions = functions.flatMap((each) => unused(each, kept));
  const gone = new Set([...machineVersions, ...functionVersions].map(({ arn }) => arn));
  const staying = [...machines, ...functions]
    .flatMap(({ versions }) => versions)
    .filter(({ arn }) => !gone.has(arn));
  // Core's functions have no versions, and a new role is there before the version that it is for.
  const needed = new Set([...machines, ...functions, ...staying].map(({ roleArn }) => roleArn));
  return {
    machineVersions: machineVersions.map(({ arn }) => arn),
    functionVersions: functionVersions.map(({ arn }) => arn),
    roles: roles.filter(({ arn, createdMs }) => !needed.has(arn) && createdMs < kept.madeBeforeMs),
  };
}

function unused({ versions }: Versioned, { used, madeBeforeMs }: Kept): readonly PublishedVersion[] {
  // CloudFormation's own is the newest: to remove it would leave the stack without it.
  const newest = versions.reduce<PublishedVersion | undefined>(
    (found, each) => (found === undefined || numberOf(each) > numberOf(found) ? each : found),
    undefined,
  );
  return versions.filter((each) => each !== newest && !used.has(each.arn) && each.createdMs < madeBeforeMs);
}

/** `…:stateMachine:name:12` → 12. Numbers are never given twice. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html */
function numberOf({ arn }: PublishedVersion): number {
  return Number(arn.slice(arn.lastIndexOf(':') + 1));
}
