/** `athena.query`: one query as the author wrote it. */
import type { AthenaQueryOutput } from '../../engines/athena.ts';
import { athenaApi, queryToken, standOf } from './athena-api.ts';
import type { CalledEngine } from './called.ts';
import { JOB_FAILED } from './errors.ts';
import { type EngineHere, type EnginePlace, resultsOf } from './place.ts';

export const athenaQuery: EngineHere = { open: queryJob };

function queryJob(place: EnginePlace): CalledEngine {
  const { clients, args } = place;
  const text = (name: string, otherwise: string) => {
    const given = args[name];
    return typeof given === 'string' ? given : otherwise;
  };
  const api = athenaApi(clients, {
    workGroup: text('workGroup', 'primary'),
    catalog: text('catalog', 'AwsDataCatalog'),
    database: text('database', 'default'),
    ...resultsOf(place, args['outputLocation']),
  });
  return {
    submit: async (_, token) => ({
      id: await api.start(text('queryString', ''), queryToken(token, 'first')),
    }),
    async poll(id) {
      const query = await api.get(id);
      const { state, why } = standOf(query);
      if (state === 'running') return { state };
      if (state === 'failed') return { state, error: JOB_FAILED, cause: why };
      const output: AthenaQueryOutput = {
        queryExecutionId: id,
        outputLocation: query.ResultConfiguration?.OutputLocation ?? '',
        dataScannedInBytes: query.Statistics?.DataScannedInBytes ?? 0,
      };
      return { state: 'done', output: { ...output } };
    },
    cancel: (id) => api.stop(id),
  };
}
