/** One query of Athena: how it is started, looked at and ended. @see https://docs.aws.amazon.com/athena/latest/APIReference/ */

import { createHash } from 'node:crypto';
import type { GetQueryResultsOutput, QueryExecution } from '@aws-sdk/client-athena';
import type { Clients } from '../signed/clients.ts';
import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetQueryRuntimeStatisticsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '../signed/commands.ts';
import { busyOr } from './busy.ts';
import { engineError, REFUSED } from './errors.ts';

/** Where queries run. */
export interface QueryPlace {
  readonly workGroup: string;
  readonly catalog: string;
  readonly database: string;
  readonly outputLocation?: string;
}

/** Longest text of a query, bytes. */
export const MAX_QUERY_BYTES = 262_144;

export interface AthenaApi {
  /** Gives the query's id; the same token is the same query. */
  start(text: string, token: string): Promise<string>;
  get(id: string): Promise<QueryExecution>;
  /** Nothing where it has ended. */
  stop(id: string): Promise<void>;
  results(
    id: string,
    page: { readonly atMost: number; readonly after?: string },
  ): Promise<GetQueryResultsOutput>;
  /** Number of all rows of its result. */
  rowCount(id: string): Promise<number | undefined>;
}

/** Every fault is `Engine.Busy` where it passes, else `Engine.Refused`. */
export function athenaApi({ athena }: Clients, place: QueryPlace): AthenaApi {
  return {
    start: (text, token) =>
      told(async () => {
        const request = {
          QueryString: fitting(text),
          ClientRequestToken: token,
          WorkGroup: place.workGroup,
          QueryExecutionContext: { Catalog: place.catalog, Database: place.database },
          ...(place.outputLocation === undefined
            ? {}
            : { ResultConfiguration: { OutputLocation: place.outputLocation } }),
        };
        const { QueryExecutionId = '' } = await (await athena()).send(
          new StartQueryExecutionCommand(request),
        );
        return QueryExecutionId;
      }),
    get: (id) =>
      told(async () => {
        const request = new GetQueryExecutionCommand({ QueryExecutionId: id });
        const { QueryExecution = {} } = await (await athena()).send(request);
        return QueryExecution;
      }),
    stop: (id) =>
      told(async () => {
        await (await athena()).send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
      }),
    results: (id, { atMost, after }) =>
      told(async () => {
        const request = {
          QueryExecutionId: id,
          MaxResults: atMost,
          ...(after === undefined ? {} : { NextToken: after }),
        };
        return (await athena()).send(new GetQueryResultsCommand(request));
      }),
    rowCount: (id) =>
      told(async () => {
        const request = new GetQueryRuntimeStatisticsCommand({ QueryExecutionId: id });
        const { QueryRuntimeStatistics } = await (await athena()).send(request);
        return QueryRuntimeStatistics?.Rows?.OutputRows;
      }),
  };
}

/** How a query stands; `why` it failed. */
export function standOf({ QueryExecutionId: id = '', Status = {} }: QueryExecution): {
  readonly state: 'running' | 'done' | 'failed';
  readonly why: string;
} {
  const { State, StateChangeReason = '' } = Status;
  if (State === 'SUCCEEDED') return { state: 'done', why: '' };
  if (State === 'FAILED') return { state: 'failed', why: `${StateChangeReason}; query ${id}` };
  if (State === 'CANCELLED')
    return { state: 'failed', why: `was cancelled: ${StateChangeReason}; query ${id}` };
  return { state: 'running', why: '' };
}

/** What Athena wants of a token: 32 to 128 characters, another one for each query of a job. */
export function queryToken(token: string, part: string): string {
  return createHash('sha256').update(`${token}/${part}`).digest('hex');
}

function fitting(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_QUERY_BYTES) return text;
  throw engineError(
    REFUSED,
    `sql: must be at most ${MAX_QUERY_BYTES} bytes for Athena, values included, got ${bytes}; give rows by a file: file.json(path, { columns })`,
  );
}

async function told<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw busyOr(thrown, (error) =>
      error.name.startsWith('Engine.')
        ? error
        : engineError(REFUSED, `athena: ${error.name}: ${error.message}`, { cause: error }),
    );
  }
}
