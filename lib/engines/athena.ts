import type { JsonObject } from '../base/json.ts';
import type { Value } from '../model/ref.ts';
import { athenaPermissions } from './athena-permissions.ts';
import type { Call, Engine } from './engine.ts';
import type { StandIn } from './local.ts';

export interface AthenaQueryArgs {
  /** One statement, at most 262,144 bytes. Values in it are text: `connection.sql` binds them. */
  readonly queryString: Value<string>;
  /** @default 'primary' */
  readonly workGroup?: Value<string>;
  /** Database that unqualified names are in. @default the work group's */
  readonly database?: Value<string>;
  /** @default 'AwsDataCatalog' */
  readonly catalog?: Value<string>;
  /** `s3://bucket/prefix/`; `false`: the work group keeps results itself. @default `athena/<dag>/` of the environment's bucket */
  readonly outputLocation?: Value<string> | false;
  /** What this task does in a local run: `simulate(…)`, `command([…])` or `real`. @default none: it is refused here */
  readonly local?: StandIn<AthenaQueryOutput>;
}

export interface AthenaQueryOutput {
  readonly queryExecutionId: string;
  /** Where the rows are: `s3://…csv`. */
  readonly outputLocation: string;
  readonly dataScannedInBytes: number;
}

/**
 * Runs one Athena query and waits for its end. For plain SQL prefer `connection.sql`, which runs here too.
 *
 * @see https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
 */
export function query({ local, ...args }: AthenaQueryArgs): Call<AthenaQueryOutput> {
  return {
    engine: athenaQuery.name,
    args: args as JsonObject,
    ...(local === undefined ? {} : { local }),
  };
}

export const athenaQuery: Engine = {
  name: 'athena.query',
  // The quota of a DML query is 30 minutes. @see https://docs.aws.amazon.com/athena/latest/ug/service-limits.html
  timeoutSeconds: 1800,
  local: 'stand-in',
  permissions: ({ workGroup, catalog, database, outputLocation }) =>
    athenaPermissions({ workGroup, catalog, database, outputLocation }),
};
