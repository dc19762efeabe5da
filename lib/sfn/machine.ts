/** A state machine as the server keeps it. */
import type { StateMachine } from '../asl/states.ts';
import type { JsonObject } from '../base/json.ts';

export type MachineType = 'STANDARD' | 'EXPRESS';

/** What an update replaces. Versions keep theirs. */
export interface Revision {
  /** `undefined` until the first update: AWS calls that one `INITIAL`. */
  readonly id: string | undefined;
  /** As it was sent. */
  readonly definition: string;
  readonly machine: StateMachine;
  readonly roleArn: string;
  readonly logging: JsonObject;
  readonly tracing: JsonObject;
  readonly updatedMs: number;
}

export interface Version {
  readonly arn: string;
  readonly description: string | undefined;
  readonly createdMs: number;
  readonly revision: Revision;
}

export interface Alias {
  readonly arn: string;
  readonly name: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly description: string | undefined;
  /** One or two versions; the weights sum up to 100. */
  readonly routes: readonly { readonly versionArn: string; readonly weight: number }[];
}

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly type: MachineType;
  readonly createdMs: number;
  revision: Revision;
  /** Oldest first; numbers are never used again. */
  versions: readonly Version[];
  lastVersion: number;
  readonly aliases: Map<string, Alias>;
  readonly tags: Map<string, string>;
}
