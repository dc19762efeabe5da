import { TaskError } from '../../base/task-error.ts';
import type { DagFile } from '../../deployment/files.ts';
import type { Files, FnContext, Log } from '../../model/context.ts';
import type { HttpConnectionConfig } from '../../model/environment.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import { checkConnection, checkSecret } from '../../runtime/asked.ts';
import { fnRun } from '../../runtime/fn-run.ts';
import { httpClient } from '../../runtime/http-client.ts';
import type { RunTable } from './run-table.ts';
import type { Secrets } from './secrets.ts';
import { itemState } from './state.ts';

export interface TryParts {
  readonly event: TaskEvent;
  readonly file: DagFile;
  readonly files: Files;
  readonly table: RunTable;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The context of one try. */
export function awsContext({ event, file, files, table, secrets, log, signal }: TryParts): FnContext {
  const { execution: input, try: tryNumber, mapIndex, task } = event;
  const { dagId } = input.run;
  return {
    run: fnRun({ try: tryNumber, mapIndex, input }),
    log,
    signal,
    files,
    state: itemState(table, dagId, task),
    secret: async (name) => {
      checkSecret(dagId, file.asks, name);
      return secrets.read(name, signal);
    },
    http: ({ name }) => {
      checkConnection(dagId, file.asks, name);
      const config = httpConnection(file, name);
      const { secret: token } = config;
      return httpClient({
        config,
        signal,
        ...(token === undefined ? {} : { token: () => secrets.read(token, signal) }),
      });
    },
  };
}

/** @throws {TaskError} `Dag.UnknownConnection` */
function httpConnection({ environment, connections }: DagFile, name: string): HttpConnectionConfig {
  const config = connections[name];
  if (config?.kind === 'http') return config;
  throw new TaskError(
    'Dag.UnknownConnection',
    `environment "${environment}" › connections.${name}: must be an http connection, got ${config?.kind ?? 'none'}`,
  );
}
