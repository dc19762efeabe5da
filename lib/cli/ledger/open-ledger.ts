/** The ledger of a project as commands use it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '../../base/errors.ts';
import { openSqliteStore } from '../../local/sqlite/store.ts';
import { type LocalWorld, openLocalWorld, STORE_FILE } from '../../local/world.ts';
import type { TuttiConfig } from '../../model/environment.ts';
import { keyOfRun, type Run } from '../../model/run.ts';
import { pumpBackfills } from '../../orchestrator/backfill/pump.ts';
import { type LaneOf, startLane } from '../../orchestrator/lane.ts';
import type { World } from '../../orchestrator/ports.ts';
import { registerDags } from '../../orchestrator/register.ts';
import { mendRuns } from '../../orchestrator/sweep.ts';
import { memoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/store.ts';
import { type DevHolder, devOf } from '../dev/lease.ts';
import type { ExitCode } from '../exit.ts';
import type { Context } from '../program.ts';
import { isError, openProject, type Project, printProblems, rootOf } from '../project.ts';
import { actsHere } from './acts-here.ts';
import { Code } from './code.ts';
import { consoleNotifier } from './console-notifier.ts';
import { isElsewhere } from './elsewhere.ts';
import { hiddenVersions } from './hidden-versions.ts';
import type { Ledger } from './ledger.ts';
import { startedElsewhere, withPlaces } from './with-places.ts';

/** What every command of the ledger takes. */
export interface LedgerOptions {
  /** @default 'local' */
  readonly env?: string;
  /** Of the environment's API. @default what the environment says */
  readonly apiUrl?: string;
  readonly dryRun?: boolean;
  /** Does not ask. */
  readonly yes?: boolean;
  readonly wait?: boolean;
}

export interface OpenOptions extends LedgerOptions {
  /** Reads the pipelines and makes them known, where no `tutti dev` has done so. @default false */
  readonly load?: boolean;
  /** Writes nothing, not even a store where there is none. @default false */
  readonly reads?: boolean;
}

/** How often what this process executes is looked after: others may have freed a place. Milliseconds. */
const LOOK_MS = 1000;

/**
 * Opens the ledger of the project for one command, and closes it.
 *
 * @throws {RefusedError} `unknown-environment`, `root-not-found`, or what the command throws
 */
export async function withLedger(
  context: Context,
  options: OpenOptions,
  work: (ledger: Ledger) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (isElsewhere(options))
    return (await import('../remote/remote-ledger.ts')).withRemoteLedger(context, options, work);
  return withLocalLedger(context, options, (ledger) => work(ledger));
}

/** With the world of this project, for what nothing else has. @throws {RefusedError} as {@link withLedger} */
export async function withLocalLedger(
  context: Context,
  options: OpenOptions,
  work: (ledger: Ledger, world: World) => Promise<ExitCode>,
): Promise<ExitCode> {
  const root = rootOf(context);
  const code = new Code();
  let config: TuttiConfig | undefined;
  let leaves = options.wait === false;
  const store = options.reads === true ? storeToRead(root) : openSqliteStore(join(root, STORE_FILE));
  const world = await openLocalWorld({
    root,
    store: withPlaces(store, () => !leaves),
    codeOf: code.of,
    config: () => config?.environments['local'],
    notifier: consoleNotifier(context.terminal),
    onError: (error) => context.terminal.warn(String(error)),
  });
  try {
    const dev = await devOf(world.store.leases, world.clock.now());
    if (options.load === true && dev === undefined) {
      const project = await openProject(context);
      config = project.config;
      await register(context, { world, code, project });
    }
    leaves ||= dev !== undefined;
    const stopStarting = () => {
      leaves = true;
    };
    return await work(ledgerOf(world, dev, stopStarting), world);
  } finally {
    await world.close();
  }
}

/** What is kept, to be read: also where nobody may write, and where nothing ran yet. */
function storeToRead(root: string): Store {
  const file = join(root, STORE_FILE);
  if (!existsSync(file)) return memoryStore();
  try {
    return openSqliteStore(file, { readOnly: true });
  } catch (error) {
    // It has to be brought to this version first.
    if (error instanceof RefusedError && error.code === 'store-older') return openSqliteStore(file);
    throw error;
  }
}

/** Makes the DAGs of the project known; what has mistakes stays as it was. */
async function register(
  context: Context,
  { world, code, project }: { readonly world: World; readonly code: Code; readonly project: Project },
): Promise<void> {
  const sound = project.dags.filter(({ problems }) => !problems.some(isError));
  const errors = project.problems.filter(isError);
  if (errors.length > 0) printProblems(errors, context);
  const versions = await code.versions(
    sound.map(({ dag }) => dag),
    (_, error) => context.terminal.warn(String(error)),
  );
  const hidden = errors.length > 0 ? await hiddenVersions(world.store, versions, () => true) : [];
  await registerDags(world, [...versions, ...hidden]);
}

function ledgerOf(world: LocalWorld, dev: DevHolder | undefined, stopStarting: () => void): Ledger {
  const looks: (() => Promise<void>)[] = [];
  const keepAt = (signal: AbortSignal, work: () => Promise<void>) => {
    looks.push(kept(world, signal, work));
  };
  // Where a `tutti dev` has the store, or with `--no-wait`, this process starts nothing.
  const own =
    dev === undefined ? world : { ...world, launcher: startedElsewhere(world.launcher, world.store) };
  return {
    store: own.store,
    clock: own.clock,
    lookMs: 200,
    suffix: '',
    heldDates: async (backfill) =>
      (await import('../../orchestrator/backfill/held-dates.ts')).heldDates(own, backfill),
    acts: actsHere(own),
    dev,
    environment: undefined,
    isExecuted: async (run) => dev !== undefined || (await isRunning(world, run)),
    leave: async () => {
      stopStarting();
      await Promise.all(looks.map((look) => look()));
      await world.launcher.idle();
    },
    execute: async (runs, signal) => {
      const lanes = new Map(runs.map(({ dagId, lane }) => [`${dagId} ${lane}`, { dagId, lane }]));
      keepAt(signal, async () => {
        for (const of of lanes.values()) {
          await mendLost(world, of);
          await startLane(world, of);
        }
      });
    },
    executeBackfill: async ({ dagId, id }, signal) => {
      keepAt(signal, async () => {
        await pumpBackfills(world, dagId);
        await startLane(world, { dagId, lane: `BF#${id}` });
      });
    },
  };
}

/** A run whose process is gone holds a place that others wait for, and without a `tutti dev` nobody else goes on with it. */
async function mendLost(world: World, of: LaneOf): Promise<void> {
  const open = await world.store.runs.open(of);
  await mendRuns(world, open, { resumed: [], ended: [], problems: [] });
}

/** Does it now and then, until the signal; what fails once is tried again. Gives what waits for a look under way. */
function kept({ clock }: World, signal: AbortSignal, work: () => Promise<void>): () => Promise<void> {
  let look = Promise.resolve();
  const loop = async () => {
    while (!signal.aborted) {
      look = work().catch(() => undefined);
      await look;
      await clock.until(clock.now() + LOOK_MS, signal).catch(() => undefined);
    }
  };
  void loop();
  return () => look;
}

async function isRunning({ launcher }: World, run: Run): Promise<boolean> {
  const { execution } = run;
  const found = execution === undefined ? 'unknown' : await launcher.describe(execution, keyOfRun(run));
  return found === 'running' || found === 'ended';
}
