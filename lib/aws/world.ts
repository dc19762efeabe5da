/** The world of the orchestrator on AWS: the only place that puts it together. */
import { monotonicFactory } from 'ulid';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { CoreFile } from '../deployment/files.ts';
import { type AwsPlace, arnOf, coreFunctionName, tableName } from '../deployment/names.ts';
import type { DagVersion } from '../model/dag-version.ts';
import type { Run } from '../model/run.ts';
import type { LogReader, World } from '../orchestrator/ports.ts';
import { recordEnd } from '../orchestrator/record.ts';
import type { Store } from '../store/store.ts';
import type { CoreClients } from './core-clients.ts';
import { tellEnded } from './ended.ts';
import { functionCaller } from './invoke.ts';
import { knownVersions } from './known-versions.ts';
import { type AwsLauncherOptions, awsLauncher } from './launcher.ts';
import { tellPeople } from './notifier.ts';
import { hasOpenJobs } from './run-items.ts';
import { secretReader } from './secrets.ts';
import type { Table } from './table.ts';
import { newestIn, type WaitPlace } from './waits.ts';

export interface AwsWorldOptions {
  readonly place: AwsPlace;
  readonly file: CoreFile;
  readonly clients: CoreClients;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Writes a line of the function's log. */
  readonly write: (line: string) => void;
  /** @default this place reads none */
  readonly logs?: LogReader;
}

export interface AwsWorld extends World {
  readonly place: AwsPlace;
  readonly file: CoreFile;
  readonly clients: CoreClients;
  readonly table: Table;
  /** Tasks that wait for runs. */
  readonly waits: WaitPlace;
  readonly versionOf: (dagId: string, hash: string) => Promise<DagVersion | undefined>;
  /** What reading an execution to its end takes. */
  readonly recorder: Pick<AwsLauncherOptions, 'sfn' | 'table' | 'recorded'>;
  /** Ends external jobs of a run's attempt that go on. */
  readonly cancelJobs: (run: Run, cause: string) => Promise<void>;
  /** Invokes one of Core's functions, and does not wait for it. */
  readonly send: (name: 'cancel' | 'backfill', event: object) => Promise<void>;
  readonly write: (line: string) => void;
}

export function openAwsWorld(options: AwsWorldOptions): AwsWorld {
  const { place, file, clients, store, clock, random, write, logs } = options;
  const { sfn } = clients;
  const table = { client: clients.dynamodb, name: tableName(place.environment) };
  const versionOf = knownVersions(store.dags);
  const recorder = { sfn, table, recorded: store.taskRuns.recorded.bind(store.taskRuns) };
  const { send } = functionCaller(place, clients.lambda);
  const cancelJobs = async ({ dagId, id: runId, attempt }: Run, cause: string) => {
    if (await hasOpenJobs(table, { dagId, runId }, attempt))
      await send('cancel', { dagId, runId, attempt, cause });
  };
  const secret = secretReader(clients.secrets, () => clock.now());
  const people = { place, notifiers: file.notifiers, sns: clients.sns, secret, write };
  const newId = monotonicFactory(random);
  const world: AwsWorld = {
    place,
    file,
    clients,
    table,
    store,
    clock,
    versionOf,
    recorder,
    cancelJobs,
    send,
    write,
    waits: { table, sfn, look: newestIn(store.runs) },
    newId: () => newId(clock.now()),
    launcher: awsLauncher({
      ...recorder,
      clock,
      pool: arnOf(place, 'lambda', `function:${coreFunctionName(place.environment, 'pool')}`),
      runOf: (key) => store.runs.get(key),
      versionOf,
      ended: (end) => recordEnd(world, end),
      cancelJobs,
    }),
    notifier: {
      notify: (message) => tellPeople(people, message),
      ended: (run) => tellEnded(world, run),
    },
    ...(logs === undefined ? {} : { logs }),
  };
  return world;
}
