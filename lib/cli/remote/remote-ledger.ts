/** The ledger of a deployed environment: its API is asked, signed with the credentials of whoever types. */
import { systemClock } from '../../local/clock.ts';
import type { ExitCode } from '../exit.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';
import { rootOf } from '../project.ts';
import { RemoteActs } from './acts.ts';
import { ApiClient } from './client.ts';
import { linesOf } from './lines.ts';
import { placeOf, urlsOf, type Variables } from './place.ts';
import { readsOf } from './reads.ts';

/** How often a run is looked at while it is followed: what it does is asked of Step Functions. Milliseconds. */
const LOOK_MS = 1_000;

/**
 * Opens the ledger of an environment for one command.
 *
 * @throws {RefusedError} `unknown-environment`, `not-deployed`, `no-credentials`, `expired-credentials`, `forbidden`,
 * `unreachable`, or what the command throws
 */
export async function withRemoteLedger(
  context: Context,
  options: LedgerOptions,
  work: (ledger: Ledger) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withRemote(context, options, work);
}

/** The same, with the API itself. @throws {RefusedError} as {@link withRemoteLedger} */
export async function withRemote(
  context: Context,
  options: LedgerOptions,
  work: (ledger: Ledger, api: ApiClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { ledger, api } = await remoteLedger(context, options, process.env);
  return work(ledger, api);
}

async function remoteLedger(
  context: Context,
  { env: environment = '', apiUrl = process.env['TUTTI_API_URL'] }: LedgerOptions,
  variables: Variables,
): Promise<{ readonly ledger: Ledger; readonly api: ApiClient }> {
  const place = await placeOf(rootOf(context), environment, { apiUrl, variables });
  // Here and nowhere else the AWS packages are loaded.
  const { signedFetch } = await import('../../aws/signed-fetch.ts');
  const send = signedFetch({ region: place.region });
  const urls = await urlsOf(place, send, { apiUrl, variables });
  const api = new ApiClient({ environment, urls, send, clock: systemClock });
  const store = readsOf(api);
  const acts = new RemoteActs(api, store);
  const ledger: Ledger = {
    store,
    acts,
    clock: systemClock,
    lookMs: LOOK_MS,
    suffix: ` --env ${environment}`,
    heldDates: (backfill) => acts.heldDates(backfill),
    dev: undefined,
    environment,
    // It executes them itself.
    execute: async () => undefined,
    executeBackfill: async () => undefined,
    leave: async () => undefined,
    isExecuted: async () => true,
    linesOf: (run, of) => linesOf(api, run, of),
  };
  return { ledger, api };
}
