import { connection, dag, sql } from '../../../lib/index.ts';

const lake = connection.sql('lake');

/** A query of an engine outside, which takes until it is cancelled. */
export const query = dag('query', {}, ({ task }) => {
  task('ask', lake.query(sql`select 1`));
});
