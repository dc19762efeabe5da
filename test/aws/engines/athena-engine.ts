/** Athena by its own verb and by `sql.*`: what holds for every called engine. */
import { athenaQuery } from '../../../lib/aws/engines/athena-query.ts';
import { athenaSql } from '../../../lib/aws/engines/athena-sql.ts';
import type { EngineHere } from '../../../lib/aws/engines/place.ts';
import { AthenaService } from './athena-service.ts';
import type { Contract } from './contract.ts';
import type { RigOptions } from './rig.ts';

const STATEMENT = { parts: ['insert into orders values (', { value: 3 }, ')'] };

export const ATHENA_QUERY: Contract = {
  subject: () => subject(athenaQuery, { engine: 'athena.query' }, { queryString: 'select 1' }),
};

export const ATHENA_SQL: Contract = {
  subject: () =>
    subject(athenaSql, { engine: 'sql.execute', connection: 'lake' }, { statements: [STATEMENT] }),
};

async function subject(engine: EngineHere, call: RigOptions['call'], args: RigOptions['args']) {
  const athena = await new AthenaService().start();
  const client = athena.client();
  const options: RigOptions = {
    engine,
    call,
    args,
    want: ['rowCount'],
    connections: { lake: { kind: 'sql', engine: 'athena' } },
    clients: { athena: async () => client },
  };
  return { service: athena.service, stop: athena.stop, options };
}
