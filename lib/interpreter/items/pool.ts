import type { Json } from '../../base/json.ts';

/** Work on many items, a bounded number at a time. */
interface PoolWork<T> {
  readonly length: number;
  readonly concurrency: number;
  /** Announces item `index`; items are announced in order. */
  readonly start: (index: number) => T;
  readonly run: (item: T) => Json | Promise<Json>;
  readonly succeeded: (item: T, output: Json) => void;
  /** Whether the others go on. */
  readonly failed: (item: T, thrown: unknown) => boolean;
}

/** Does the work. Rejects with what was thrown for an item whose failure ends it all. */
export function pool<T>(work: PoolWork<T>): Promise<void> {
  return new Promise((resolve, reject) => new Pool(work, { resolve, reject }).pump());
}

class Pool<T> {
  readonly #work: PoolWork<T>;
  readonly #end: { readonly resolve: () => void; readonly reject: (thrown: unknown) => void };
  readonly #announced: T[] = [];
  #next = 0;
  #active = 0;
  #isOver: boolean = false;

  constructor(work: PoolWork<T>, end: { resolve: () => void; reject: (thrown: unknown) => void }) {
    this.#work = work;
    this.#end = end;
  }

  /** Announces and runs what there is place for. What is done at once needs no promise and no stack. */
  pump(): void {
    try {
      this.#announce();
      for (let item = this.#announced.shift(); item !== undefined; item = this.#announced.shift()) {
        this.#run(item);
        this.#announce();
      }
    } catch (thrown) {
      this.#fail(thrown);
    }
    if (this.#isOver || this.#active > 0) return;
    this.#isOver = true;
    this.#end.resolve();
  }

  #announce(): void {
    const { length, concurrency, start } = this.#work;
    while (!this.#isOver && this.#active < concurrency && this.#next < length) {
      this.#active += 1;
      this.#announced.push(start(this.#next));
      this.#next += 1;
    }
  }

  #run(item: T): void {
    if (this.#isOver) return;
    let output: Json | Promise<Json>;
    try {
      output = this.#work.run(item);
    } catch (thrown) {
      this.#failed(item, thrown);
      return;
    }
    if (output instanceof Promise) this.#await(item, output);
    else this.#succeeded(item, output);
  }

  #await(item: T, output: Promise<Json>): void {
    output
      .then(
        (value) => this.#succeeded(item, value),
        (thrown) => this.#failed(item, thrown),
      )
      .then(
        () => this.pump(),
        (thrown) => this.#fail(thrown),
      );
  }

  #succeeded(item: T, output: Json): void {
    this.#active -= 1;
    if (!this.#isOver) this.#work.succeeded(item, output);
  }

  #failed(item: T, thrown: unknown): void {
    this.#active -= 1;
    if (!this.#isOver && !this.#work.failed(item, thrown)) this.#fail(thrown);
  }

  #fail(thrown: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end.reject(thrown);
  }
}
