/** The status API as a function of Core: the same routes as here, behind signed addresses. */
import { apiHandler } from '../api/handle.ts';
import { logGroupName } from '../deployment/names.ts';
import { tableApprovals } from './approvals.ts';
import { type CoreFunction, type CoreFunctionOptions, coreFunction } from './core-function.ts';
import { answerEvent, type HttpResult } from './http-event.ts';
import { liveProgress } from './live.ts';
import { cloudWatchLogs, type LogPlace } from './logs.ts';
import type { AwsWorld } from './world.ts';

export interface ApiFunction {
  /** Refuses whatever changes something; its role could not do it either. */
  readonly readOnly: boolean;
}

type Answer = (request: Request) => Promise<Response>;

/** Answers requests that Lambda has checked the signature or token of. */
export function apiFunction(options: CoreFunctionOptions, api: ApiFunction): CoreFunction<HttpResult> {
  let answer: Answer | undefined;
  return coreFunction(options, (event, { world, log }) => {
    answer ??= answerOf(world, api, log);
    return answerEvent(event, answer);
  });
}

function answerOf(
  world: AwsWorld,
  { readOnly }: ApiFunction,
  log: (message: string, fields?: object) => void,
): Answer {
  const { clients, clock, place, versionOf } = world;
  const onError = (error: unknown, request?: Request) => {
    const stack = error instanceof Error ? error.stack : undefined;
    const path = request === undefined ? undefined : new URL(request.url).pathname;
    log(String(error), { level: 'ERROR', path, stack });
  };
  const logs = cloudWatchLogs({ filter: filterOf(), group: logGroupName(place.environment), clock });
  return apiHandler(
    { ...world, logs, approvals: tableApprovals(world.table, clients.sfn) },
    {
      environment: place.environment,
      readOnly,
      // Only where nobody was checked, which Lambda does not let happen.
      actor: 'nobody',
      // It answers once: clients ask for changes.
      streams: false,
      progress: liveProgress({ sfn: clients.sfn, clock, versionOf, onError }),
      onBackfill: ({ dagId, id }) => world.send('backfill', { continue: { dag: dagId, id } }),
      onError,
    },
  );
}

/** Its client is loaded as logs are first asked for. */
function filterOf(): LogPlace['filter'] {
  const load = async () => {
    const { CloudWatchLogsClient, FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    const client = new CloudWatchLogsClient({});
    return (input: Parameters<LogPlace['filter']>[0]) => client.send(new FilterLogEventsCommand(input));
  };
  let loading: ReturnType<typeof load> | undefined;
  return async (input) => {
    loading ??= load();
    return (await loading)(input);
  };
}
