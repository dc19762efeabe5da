/** An orchestrator of real parts in a folder, in virtual time: SQLite, run folders, machines, DuckDB, files, HTTP. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { monotonicFactory } from 'ulid';
import type { Clock } from '../../lib/base/clock.ts';
import { seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { EVENTS_FILE } from '../../lib/local/launch/past-events.ts';
import { type LocalLauncher, localLauncher } from '../../lib/local/launcher.ts';
import { runsFolder } from '../../lib/local/run-folder.ts';
import { openSqliteStore } from '../../lib/local/sqlite/store.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { Message, World } from '../../lib/orchestrator/ports.ts';
import { recordEnd, recordProgress } from '../../lib/orchestrator/record.ts';
import { sweep } from '../../lib/orchestrator/sweep.ts';
import type { Hands } from './sales.ts';

/** No process has it. */
const GONE = 999_999_999;

export class Place {
  readonly root = mkdtempSync(join(tmpdir(), 'tutti-week-'));
  readonly clock: VirtualClock;
  readonly messages: Message[] = [];
  readonly world: World & { readonly clock: VirtualClock };
  /** The code of today. */
  dag: DagNode | undefined;
  readonly #database: DuckDBInstance;
  readonly #shopUrl: string;
  #process: LivingProcess;
  #last: Promise<unknown> = Promise.resolve();

  static async open(fromMs: number, shopUrl: string): Promise<Place> {
    const database = await DuckDBInstance.create(':memory:');
    return new Place(fromMs, shopUrl, database);
  }

  private constructor(fromMs: number, shopUrl: string, database: DuckDBInstance) {
    this.clock = new VirtualClock(fromMs);
    this.#shopUrl = shopUrl;
    this.#database = database;
    const { clock, messages, root } = this;
    const id = monotonicFactory(seededRandom(1));
    const launcher = () => this.#process.launcher;
    this.world = {
      clock,
      store: openSqliteStore(join(root, '.tutti', 'store.sqlite')),
      newId: () => id(clock.now()),
      notifier: { notify: async (message) => void messages.push(message) },
      get launcher() {
        return launcher();
      },
    };
    this.#process = this.#begin();
  }

  hands(): Hands {
    return this.#process.hands;
  }

  /** The process dies: whatever it was at never goes on, and another one begins, which resumes what was lost. */
  async kill(): Promise<void> {
    this.#process.die();
    const folder = runsFolder(this.root);
    for (const name of readdirSync(folder)) {
      const file = join(folder, name, 'run.json');
      const record = JSON.parse(readFileSync(file, 'utf8'));
      if (record.state === 'running') writeFileSync(file, JSON.stringify({ ...record, pid: GONE }));
    }
    this.#process = this.#begin();
    const { problems } = await sweep(this.world);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    await this.clock.hold(this.#caughtUp());
  }

  /** A run that is resumed is executed again up to where it was, which takes no time. */
  async #caughtUp(): Promise<void> {
    const folder = runsFolder(this.root);
    const isBehind = (name: string) => existsSync(join(folder, name, `${EVENTS_FILE}.new`));
    while (readdirSync(folder).some(isBehind)) await setImmediate();
  }

  /** Every file's hash and every table's rows. */
  async data(): Promise<{
    readonly files: Readonly<Record<string, string>>;
    readonly tables: Readonly<Record<'orders' | 'totals', unknown>>;
  }> {
    const folder = join(this.root, '.tutti', 'data');
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const files = entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [
        path.slice(folder.length + 1),
        createHash('sha256').update(readFileSync(path)).digest('hex'),
      ] as const;
    });
    const tables = {
      orders: await this.query('select id, day::varchar, euros, refund from orders order by all'),
      totals: await this.query('select day::varchar, sold, refunded from totals order by all'),
    };
    return { files: Object.fromEntries(files.toSorted(([a], [b]) => (a < b ? -1 : 1))), tables };
  }

  /** One statement after the other, as tasks here have it: two that make one table at a time would be in each other's way. */
  query(statement: string): Promise<readonly (readonly unknown[])[]> {
    const mine = this.#last.then(() => this.#asked(statement));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #asked(statement: string): Promise<readonly (readonly unknown[])[]> {
    const connection = await this.#database.connect();
    try {
      return (await connection.runAndReadAll(statement)).getRowsJson();
    } finally {
      connection.closeSync();
    }
  }

  async close(): Promise<void> {
    this.#process.die();
    await this.world.store.close();
    this.#database.closeSync();
    rmSync(this.root, { recursive: true, force: true });
  }

  #begin(): LivingProcess {
    const { clock, root } = this;
    let isAlive = true;
    /** What a dead process waits for never comes. */
    const alive = async <T>(work: Promise<T>): Promise<T> => {
      const done = await work.then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
      return isAlive ? done() : new Promise<never>(() => undefined);
    };
    const own: Clock = { now: () => clock.now(), until: (at, signal) => alive(clock.until(at, signal)) };
    const real = <T>(work: Promise<T>) => alive(clock.hold(work));
    const launcher = localLauncher({
      place: {
        root,
        filesFolder: join(root, '.tutti', 'data'),
        secret: () => undefined,
        variables: () => ({}),
      },
      environment: async () => ({
        name: 'local',
        connections: { shop: { kind: 'http', baseUrl: this.#shopUrl } },
      }),
      codeOf: () => this.dag,
      ledger: {
        progress: (key, projection) =>
          isAlive ? recordProgress(this.world, key, projection) : Promise.resolve(),
        ended: (end) => alive(isAlive ? recordEnd(this.world, end) : Promise.resolve()),
      },
      recorded: (run) => this.world.store.taskRuns.recorded(run),
      clock: own,
      onError: (error) => {
        throw error;
      },
    });
    return {
      launcher,
      die: () => {
        isAlive = false;
      },
      hands: {
        real,
        rest: (seconds) => own.until(clock.now() + seconds * 1000),
        warehouse: (statement) => real(this.query(statement)),
      },
    };
  }
}

interface LivingProcess {
  readonly launcher: LocalLauncher;
  readonly hands: Hands;
  readonly die: () => void;
}
