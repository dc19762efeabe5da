/** The world of the orchestrator on this machine: the only place that puts it together. */
import { join, resolve } from 'node:path';
import { monotonicFactory } from 'ulid';
import type { Clock } from '../base/clock.ts';
import type { EnvironmentConfig } from '../model/environment.ts';
import type { Notifier, World } from '../orchestrator/ports.ts';
import { recordEnd, recordProgress } from '../orchestrator/record.ts';
import type { Store } from '../store/store.ts';
import { fileApprovals } from './approvals-of-runs.ts';
import { type CodeOf, type LocalLauncher, localLauncher } from './launcher.ts';
import { fileLogs } from './logs.ts';
import { environmentNotifier } from './notifier.ts';
import { openEnvironment } from './open-environment.ts';
import { otherRuns } from './other-runs.ts';
import { systemPlatform } from './platform.ts';
import type { RunBody } from './run-task.ts';
import { openSqliteStore } from './sqlite/store.ts';

export interface LocalWorldOptions {
  /** The project's folder: `.tutti/` is in it. */
  readonly root: string;
  /** @default 'local' */
  readonly environment?: string;
  /** What its connections mean, asked for each execution. @default none has one */
  readonly config?: EnvironmentConfig | (() => EnvironmentConfig | undefined);
  /** The code of a version. @default there is none: nothing can be started */
  readonly codeOf?: CodeOf;
  /** Shows what the environment has no other notifier for. @default nobody is told */
  readonly notifier?: Notifier;
  /** Nothing is written. @default false */
  readonly readOnly?: boolean;
  /** @default the one in `.tutti/store.sqlite`, which is created */
  readonly store?: Store;
  /** Where functions run. @default this process */
  readonly runBody?: RunBody;
  /** Something could not be kept that the sweep will find later. @default nobody is told */
  readonly onError?: (error: unknown) => void;
}

export interface LocalWorld extends World {
  readonly launcher: LocalLauncher;
  /** Closes the store. What still runs is lost with the process, and resumed by the next one. */
  readonly close: () => Promise<void>;
}

/** Where a project's runs are kept. */
export const STORE_FILE = join('.tutti', 'store.sqlite');

/**
 * Opens what is kept in `.tutti/`, for this process and others at once.
 *
 * @throws {RefusedError} `store-newer`, `store-corrupt`, `not-writable`, `store-busy`; to read only also `no-store`, `store-older`
 */
export async function openLocalWorld(options: LocalWorldOptions): Promise<LocalWorld> {
  const { clock, random, secret, variables } = systemPlatform;
  const root = resolve(options.root);
  const { readOnly = false } = options;
  const store = options.store ?? openSqliteStore(join(root, STORE_FILE), { readOnly });
  const { notifier = SILENT, codeOf = () => undefined, runBody, onError } = options;
  const launcher = localLauncher({
    place: {
      root,
      filesFolder: join(root, '.tutti', 'data'),
      secret,
      variables,
      runs: otherRuns(() => world),
    },
    environment: () => openEnvironment(options.environment ?? 'local', configOf(options)),
    codeOf,
    ledger: {
      progress: (key, projection) => recordProgress(world, key, projection),
      ended: (end) => recordEnd(world, end),
    },
    recorded: (run) => store.taskRuns.recorded(run),
    clock,
    runBody,
    onError,
  });
  const world: LocalWorld = {
    store,
    launcher,
    notifier: environmentNotifier({
      notifiers: () => configOf(options)?.notifiers,
      console: notifier,
      secret,
    }),
    clock,
    newId: newIds(clock, random),
    logs: fileLogs(root),
    approvals: fileApprovals(root),
    close: () => store.close(),
  };
  return world;
}

const SILENT: Notifier = { notify: async () => undefined };

function configOf({ config }: LocalWorldOptions): EnvironmentConfig | undefined {
  return typeof config === 'function' ? config() : config;
}

/** ULIDs: several of one millisecond sort in the order they were made. */
function newIds(clock: Pick<Clock, 'now'>, random: () => number): () => string {
  const next = monotonicFactory(random);
  return () => next(clock.now());
}
