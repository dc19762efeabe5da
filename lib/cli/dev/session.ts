/** One `tutti dev`, from its start to Ctrl-C. */
import { join } from 'node:path';

import { systemClock } from '../../local/clock.ts';
import { openEnvironment } from '../../local/open-environment.ts';
import { systemPlatform } from '../../local/platform.ts';
import { checkRunsHere } from '../../local/preflight.ts';
import { type LocalServer, serveHere } from '../../local/serve.ts';
import { openSqliteStore } from '../../local/sqlite/store.ts';
import { startTimer, type Timer } from '../../local/timer.ts';
import { type LocalWorld, openLocalWorld, STORE_FILE } from '../../local/world.ts';
import type { DagNode } from '../../model/dag.ts';
import { trigger } from '../../orchestrator/trigger.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { isolatedBodies } from '../isolated-bodies.ts';
import { withPlaces } from '../ledger/with-places.ts';
import type { Terminal } from '../terminal.ts';
import { count, durationText } from '../words.ts';
import { type Answers, answers } from './answers.ts';
import type { DevConsole } from './console.ts';
import { DevProject } from './dev-project.ts';
import { keysText, listenToKeys } from './hot-keys.ts';
import { type DevHolder, giveBackLease, holderHere, RENEW_MS, takeLease } from './lease.ts';
import { tellReload } from './reload-text.ts';
import { RunTeller } from './run-teller.ts';
import { sampleDag } from './sample.ts';
import { endsAll, watchStoreFile } from './store-file.ts';
import { FolderWatch } from './watch-folders.ts';

export interface DevSessionOptions {
  /** The project's folder, absolute. */
  readonly root: string;
  readonly terminal: Terminal;
  readonly console: DevConsole;
  readonly port: number;
  /** Takes a free one where it is taken. */
  readonly orFree: boolean;
  readonly sample: boolean;
  readonly pausedByDefault: boolean;
  /** Runs functions in child processes, each with the code that is on the disk then. */
  readonly isolate: boolean;
  /** The pipelines are known, and what was due at the start has its runs. */
  readonly onReady: () => void;
}

/** How long what runs may take to end by itself after Ctrl-C. */
const GRACE_MS = 1500;
/** How long the bundler stays after its last use: it is a process of its own, of tens of megabytes. */
const BUNDLER_MS = 3000;

export class DevSession {
  readonly #options: DevSessionOptions;
  readonly #project: DevProject;
  readonly #teller: RunTeller;
  readonly #stop = new AbortController();
  readonly #watch = new FolderWatch(() => this.#changed());
  #closeBodies: (() => Promise<void>) | undefined;
  #world: LocalWorld | undefined;
  #timer: Timer | undefined;
  /** Reloads, one after the other. */
  #reloading: Promise<unknown> = Promise.resolve();
  #bundlerTimer: NodeJS.Timeout | undefined;
  #isHeld = false;
  /** Why it cannot go on. */
  #end: unknown;

  constructor(options: DevSessionOptions) {
    this.#options = options;
    this.#teller = new RunTeller(options.console, options.terminal, systemClock.now);
    this.#project = new DevProject(options.root, options.pausedByDefault);
  }

  /** @throws {RefusedError} `dev-runs`, `port-in-use`, `store-gone`, or why the store cannot be used */
  async run(): Promise<ExitCode> {
    const release = this.#listenToSignals();
    const world = await this.#openWorld();
    const holder = holderHere(world.newId(), isoText(world.clock.now()));
    try {
      await takeLease(world.store.leases, holder, world.clock.now());
      const { root, console } = this.#options;
      const answering = answers({ root, world, signal: this.#stop.signal, console });
      const server = await this.#listen(world, holder, answering);
      try {
        await this.#work(world, answering);
        await this.#leave(world);
        if (this.#end !== undefined) throw this.#end;
      } finally {
        await server.close();
      }
    } finally {
      this.#stop.abort();
      release();
      await this.#closeBodies?.();
      await giveBackLease(world.store.leases, holder);
      await world.close();
    }
    return EXIT.ok;
  }

  async #openWorld(): Promise<LocalWorld> {
    const { root } = this.#options;
    const bodies = this.#options.isolate ? await isolatedBodies(root) : undefined;
    this.#closeBodies = bodies?.close;
    const world = await openLocalWorld({
      root,
      ...(bodies === undefined ? {} : { runBody: bodies.runBody }),
      // Once it is to stop, what ends makes room for nothing.
      store: withPlaces(openSqliteStore(join(root, STORE_FILE)), () => !this.#stop.signal.aborted),
      codeOf: this.#project.code.of,
      config: () => this.#project.config.environments['local'],
      notifier: this.#teller,
      onError: (error) => this.#failed(error),
    });
    this.#world = world;
    watchStoreFile(join(root, STORE_FILE), this.#stop.signal, (error) => this.#failed(error));
    return world;
  }

  async #listen(world: LocalWorld, holder: DevHolder, { answer }: Answers): Promise<LocalServer> {
    const { console, port, orFree, terminal, root } = this.#options;
    const server = await serveHere({ port, orFree, answer });
    const { url } = server;
    const known = { ...holder, url };
    await takeLease(world.store.leases, known, world.clock.now());
    const renew = setInterval(() => {
      takeLease(world.store.leases, known, world.clock.now()).catch((error: unknown) => this.#failed(error));
    }, RENEW_MS);
    this.#stop.signal.addEventListener('abort', () => clearInterval(renew));
    const instead = port === 0 || server.port === port ? '' : terminal.paint('yellow', ` (${port} is taken)`);
    console.say(
      'listening',
      { url, port: server.port, pid: process.pid, root },
      `${terminal.paint('bold', url)}${instead}  page at /, API at /api/v1`,
    );
    return server;
  }

  /** Until somebody stops it. */
  async #work(world: LocalWorld, answering: Answers): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      if (this.#stop.signal.aborted) resolve();
      this.#stop.signal.addEventListener('abort', () => resolve());
    });
    await this.#reload(world);
    answering.open();
    if (this.#stop.signal.aborted) return;
    this.#timer = startTimer({
      world,
      dags: () => this.#project.dags(),
      signal: this.#stop.signal,
      onError: (error) => this.#failed(error),
      onRuns: (runs) => this.#teller.tell(runs),
    });
    const unlisten = this.#keys(world);
    await this.#timer.first;
    // Its own module: what is loaded before the first answer is waited for.
    const { takePast, keepPast } = await import('./past.ts');
    const onError = (error: unknown) => this.#failed(error);
    const past = { ...this.#options, world, signal: this.#stop.signal, onError };
    await takePast(past);
    this.#options.onReady();
    const kept = keepPast(past, () => this.#project.retention);
    if (this.#options.sample) await this.#runSample(world);
    await stopped;
    await kept;
    unlisten();
    this.#watch.close();
    await this.#timer.done;
  }

  #changed(wasAsked = false): void {
    const world = this.#world;
    if (world === undefined || this.#stop.signal.aborted) return;
    this.#reloading = this.#reloading.then(async () => {
      const found = await this.#reload(world);
      if (wasAsked && !found) this.#options.console.say('same', {}, 'no file has changed');
    });
  }

  /** True where anything had changed. */
  async #reload(world: LocalWorld): Promise<boolean> {
    clearTimeout(this.#bundlerTimer);
    try {
      const reload = await this.#project.reload(world);
      this.#watch.set(this.#project.folders());
      if (reload === undefined) return false;
      const { console, terminal, root } = this.#options;
      tellReload(reload, {
        console,
        terminal,
        root,
        first: this.#timer === undefined,
        dags: this.#project.dags().length,
      });
      this.#timer?.reschedule([...reload.registered.added, ...reload.registered.changed]);
      return true;
    } catch (error) {
      this.#failed(error);
      return true;
    } finally {
      this.#bundlerTimer = setTimeout(() => this.#stopBundler(), BUNDLER_MS);
      this.#bundlerTimer.unref();
    }
  }

  #stopBundler(): void {
    import('esbuild').then(({ stop }) => stop()).catch((error: unknown) => this.#failed(error));
  }

  /** So that there is something to see; what ran before, or runs by its schedule, is enough. */
  async #runSample(world: LocalWorld): Promise<void> {
    const { items } = await world.store.runs.list({ limit: 1 });
    if (items.length > 0) return;
    const { console, terminal } = this.#options;
    const environment = await openEnvironment('local', this.#project.config.environments['local']);
    const runsHere = (dag: DagNode) => {
      try {
        checkRunsHere(dag, environment, systemPlatform.secret);
        return true;
      } catch {
        return false;
      }
    };
    const dag = sampleDag(this.#project.dags(), runsHere);
    if (dag === undefined) return;
    try {
      const { run } = await trigger(
        world,
        { name: 'tutti dev', via: 'scheduler' },
        { dagId: dag.id, note: 'a sample: nothing had run here yet' },
      );
      console.say(
        'sample',
        { dag: dag.id, run: run.id },
        `nothing has run here yet: running ${terminal.paint('bold', dag.id)} as a sample (--no-sample leaves it out)`,
      );
    } catch (error) {
      this.#failed(error);
    }
  }

  #keys(world: LocalWorld): () => void {
    const { console, terminal } = this.#options;
    if (!terminal.live) return () => {};
    const keys = {
      r: { about: 'reload', press: () => this.#changed(true) },
      l: { about: 'list what runs', press: () => void this.#list(world) },
      p: { about: 'pause or go on with all schedules', press: () => this.#hold() },
      q: { about: 'quit', press: () => process.kill(process.pid, 'SIGINT') },
      '?': { about: 'help', press: () => console.say('help', {}, keysText(keys)) },
    };
    console.say('keys', {}, terminal.paint('gray', keysText(keys)));
    return listenToKeys(keys);
  }

  async #list(world: LocalWorld): Promise<void> {
    const { console, terminal } = this.#options;
    const { runTable } = await import('../ledger/run-text.ts');
    const open = await world.store.runs.open();
    console.say(
      'list',
      {},
      open.length === 0 ? 'nothing runs or waits' : `${count(open.length, 'run')} open`,
    );
    if (open.length > 0) terminal.print(runTable(open.slice(0, 30), terminal, world.clock.now()).join('\n'));
  }

  #hold(): void {
    this.#isHeld = !this.#isHeld;
    this.#timer?.hold(this.#isHeld);
    const text = this.#isHeld
      ? 'schedules are held: no new runs until p is pressed again'
      : 'schedules go on';
    this.#options.console.say('held', { held: this.#isHeld }, text);
  }

  /** What runs may end; what does not is resumed by the next start. */
  async #leave(world: LocalWorld): Promise<void> {
    const { console } = this.#options;
    const atFirst = world.launcher.running().length;
    if (atFirst > 0) {
      console.say(
        'stopping',
        { running: atFirst },
        `waiting ${durationText(GRACE_MS)} for ${count(atFirst, 'run')}; Ctrl-C again ends at once`,
      );
      const end = new AbortController();
      await Promise.race([
        world.launcher.idle(),
        world.clock.until(world.clock.now() + GRACE_MS, end.signal),
      ]);
    }
    const left = world.launcher.running().length;
    const rest =
      left === 0
        ? 'nothing was running'
        : `${count(left, 'run')} interrupted: the next tutti dev goes on with ${left === 1 ? 'it' : 'them'}`;
    console.say('stopped', { interrupted: left }, `stopped; ${rest}`);
  }

  /** The first Ctrl-C stops, the second one ends the process. */
  #listenToSignals(): () => void {
    const onSignal = () => {
      if (this.#stop.signal.aborted) process.exit(EXIT.interrupted);
      this.#stop.abort();
    };
    // What a function left behind ends no other run.
    const onStray = (error: unknown) => this.#failed(error);
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('uncaughtException', onStray);
    return () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      process.off('uncaughtException', onStray);
    };
  }

  #failed(error: unknown): void {
    if (endsAll(error)) {
      this.#end ??= error;
      this.#stop.abort();
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    const { console, terminal } = this.#options;
    console.say('error', { message });
    console.warn(
      terminal.paint(
        'red',
        `✕ ${error instanceof Error && error.name !== 'RefusedError' ? (error.stack ?? message) : message}`,
      ),
    );
  }
}
