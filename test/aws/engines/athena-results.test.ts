/** Where Athena is told to put what a query gives. */
import { expect, test } from 'vitest';
import { athenaQuery } from '../../../lib/aws/engines/athena-query.ts';
import { athenaSql } from '../../../lib/aws/engines/athena-sql.ts';
import type { EnginePlace } from '../../../lib/aws/engines/place.ts';
import type { AwsClient } from '../../../lib/aws/signed/command.ts';
import type { JsonObject } from '../../../lib/base/json.ts';
import { sql } from '../../../lib/index.ts';
import type { SqlConnectionConfig } from '../../../lib/model/environment.ts';
import { NO_CLIENTS } from './rig.ts';

const PLACES: readonly (readonly [Pick<SqlConnectionConfig, 'outputLocation'>, JsonObject | undefined])[] = [
  [{}, { OutputLocation: 's3://tutti-test/athena/sales/' }],
  [{ outputLocation: 's3://out/' }, { OutputLocation: 's3://out/' }],
  [{ outputLocation: false }, undefined],
];

test.each(PLACES)('of a connection, %j', async (more, asked) => {
  const { place, sent } = placeOf({ kind: 'sql', engine: 'athena', ...more });
  const args = { statements: [sql`select 1`.statement] };
  await started(athenaSql, { ...place, call: { engine: 'sql.execute', connection: 'lake' } }, args);
  expect(sent).toEqual([asked]);
});

test.each(PLACES)('of a query by itself, %j', async (more, asked) => {
  const { place, sent } = placeOf({ kind: 'sql' });
  await started(
    athenaQuery,
    { ...place, call: { engine: 'athena.query' } },
    { queryString: 'select 1', ...more },
  );
  expect(sent).toEqual([asked]);
});

async function started(
  engine: typeof athenaSql,
  place: Omit<EnginePlace, 'args'>,
  args: object,
): Promise<void> {
  if (!('open' in engine)) throw new Error('a query is a job');
  const given = JSON.parse(JSON.stringify(args));
  await engine.open({ ...place, args: given }).submit(given, 'token');
}

function placeOf(lake: SqlConnectionConfig) {
  const sent: unknown[] = [];
  const client: AwsClient = {
    send: async (command: { readonly input: object }) => {
      sent.push('ResultConfiguration' in command.input ? command.input.ResultConfiguration : undefined);
      return { QueryExecutionId: 'q' };
    },
  } as unknown as AwsClient;
  const ignore = () => undefined;
  const place = {
    want: [],
    file: {
      environment: 'test',
      bucket: 'tutti-test',
      connections: { lake },
      asks: { connections: [], secrets: [] },
    },
    clients: { ...NO_CLIENTS, athena: async () => client },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    signal: new AbortController().signal,
    nowMs: () => 0,
    dagId: 'sales',
    folder: 'values/sales/run/jobs/1/',
  };
  return { place, sent };
}
