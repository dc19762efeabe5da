/**
 * One process of the property of exactly once: whatever it asks of the store or the launcher waits until the test lets
 * it go on, and at any such point it can be killed: it then does nothing more, as if it never had.
 */
import type { Store } from '../../../lib/store/store.ts';

type Method = (...args: unknown[]) => Promise<unknown>;

/** Methods that change what is kept: a process can die before and after what they do. */
const WRITES = new Set([
  'putVersion',
  'createHead',
  'updateHead',
  'create',
  'update',
  'admit',
  'release',
  'put',
  'putRecorded',
  'updateDate',
  'append',
  'acquire',
  'once',
  'settle',
]);

export class Actor {
  /** What it is doing, for whoever reads a failure. */
  readonly name: string;
  /** `parked`: it waits to be let on. */
  state: 'running' | 'parked' | 'done' | 'failed' = 'running';
  error: unknown;
  #go: (() => void) | undefined;
  #parked: (() => void) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Starts its work, and resolves when it first waits, or is done. */
  begin(work: () => Promise<unknown>): Promise<void> {
    return this.#untilParked(() => {
      work().then(
        () => this.#settle('done'),
        (error: unknown) => {
          this.error = error;
          this.#settle('failed');
        },
      );
    });
  }

  /** Lets it on, until it waits again, or is done. */
  step(): Promise<void> {
    return this.#untilParked(() => {
      this.state = 'running';
      this.#go?.();
    });
  }

  /** Waits until the test lets it on: never, where it is killed. */
  readonly gate = (): Promise<void> =>
    new Promise((resolve) => {
      this.#go = resolve;
      this.#settle('parked');
    });

  #untilParked(act: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#parked = resolve;
      act();
    });
  }

  #settle(state: 'parked' | 'done' | 'failed'): void {
    this.state = state;
    this.#parked?.();
  }
}

/** The store as one process sees it: `gate` is passed before each read, and before and after each write. */
export function gated(store: Store, gate: () => Promise<void>): Store {
  const part = <T extends object>(methods: T): T =>
    Object.fromEntries(
      Object.entries(methods as Record<string, Method>).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          await gate();
          const answer = await method.apply(methods, args);
          if (WRITES.has(name)) await gate();
          return answer;
        },
      ]),
    ) as T;
  return {
    ...store,
    dags: part(store.dags),
    runs: part(store.runs),
    taskRuns: part(store.taskRuns),
    backfills: part(store.backfills),
    audit: part(store.audit),
    leases: part(store.leases),
  };
}
