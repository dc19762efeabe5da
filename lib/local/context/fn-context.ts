import { join } from 'node:path';
import type { TriggeredRun } from '../../engines/trigger.ts';
import { TaskError } from '../../interpreter/resource.ts';
import type { Asks } from '../../model/asks.ts';
import type { FnContext, Log } from '../../model/context.ts';
import type { Environment } from '../../model/environment.ts';
import type { AwaitedRun } from '../../model/run-input.ts';
import { checkConnection, checkSecret } from '../../runtime/asked.ts';
import { fnRun, type TryOf } from '../../runtime/fn-run.ts';
import { httpClient } from '../../runtime/http-client.ts';
import type { TriggerRequest } from '../../runtime/trigger-request.ts';
import { folderFiles } from './files.ts';
import { fileState } from './task-state.ts';

/** What a task's context is made of: the same in this process and in a child. */
export interface Surroundings {
  /** The project's folder. */
  readonly root: string;
  /** Folder of `ctx.files`, absolute. */
  readonly filesFolder: string;
  readonly environment: Environment;
  readonly secret: (name: string) => string | undefined;
  /** Environment variables that a program started here inherits. */
  readonly variables: () => Readonly<Record<string, string | undefined>>;
  /** Runs of other DAGs. Absent: nobody here starts them. */
  readonly runs?: OtherRuns;
}

/** Starts runs of other DAGs, and tells what became of them. */
export interface OtherRuns {
  /** Asked twice with one id, there is one run. @throws {RefusedError} */
  trigger(request: TriggerRequest): Promise<TriggeredRun>;
  look(run: TriggeredRun): Promise<TriggeredRun>;
  /** The newest run of the interval that holds the date; `undefined`: none yet. @throws {RefusedError} */
  find(awaited: Pick<AwaitedRun, 'dagId' | 'logicalDate'>): Promise<TriggeredRun | undefined>;
}

export interface TryFacts extends TryOf {
  readonly task: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** What the DAG's bodies may ask. Absent: anything. */
  readonly asks?: Asks | undefined;
}

/** The context of one try; each part is made when it is first asked for. */
export function fnContext(place: Surroundings, facts: TryFacts): FnContext {
  const { log, signal, input, task, asks } = facts;
  const { dagId } = input.run;
  return {
    run: fnRun(facts),
    log,
    signal,
    get files() {
      return folderFiles(place.filesFolder);
    },
    get state() {
      return fileState(join(place.root, '.tutti', 'state', dagId, `${task}.json`));
    },
    http: ({ name }) => {
      checkConnection(dagId, asks, name);
      return httpClient({ ...httpTarget(place, name), signal });
    },
    secret: async (name) => {
      checkSecret(dagId, asks, name);
      return secretOf(place, name);
    },
  };
}

/**
 * The HTTP connection `name` with its token.
 *
 * @throws {TaskError} `Dag.UnknownConnection`, `Dag.UnknownSecret`
 */
export function httpTarget(place: Surroundings, name: string) {
  const config = place.environment.connections[name];
  if (config?.kind !== 'http') {
    throw new TaskError(
      'Dag.UnknownConnection',
      `environment "${place.environment.name}" › connections.${name}: must be an http connection, got ${config?.kind ?? 'none'}`,
    );
  }
  return config.secret === undefined ? { config } : { config, token: secretOf(place, config.secret) };
}

function secretOf({ secret }: Surroundings, name: string): string {
  const value = secret(name);
  if (value !== undefined) return value;
  throw new TaskError(
    'Dag.UnknownSecret',
    `secret "${name}": must be an environment variable here, got none; export ${name}=…`,
  );
}
