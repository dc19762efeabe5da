/**
 * What is known, at a point of the machine, of how tasks ended: the compiler leaves out every
 * question whose answer is known there.
 *
 * Facts are appended as a strand is compiled. A path that leaves the strand's course and comes
 * back later remembers when it left; where paths meet, what they do not agree on is unknown.
 */

/**
 * `s f k u`: the task ended so. `b`: in one of the last three ways. `?`: it is final, in one of several ways.
 * For a short circuit's own key (`names.ts` markKey): `o` it cuts nothing, `x` it cuts.
 */
export type Fact = 's' | 'f' | 'k' | 'u' | 'b' | '?' | 'o' | 'x';

/** What is known of a key (a task's id or mark), if anything. */
export type Lookup = (key: string) => Fact | undefined;

/** A status as state data holds it: it is known how the task did not succeed. */
export function isStatus(fact: Fact | undefined): fact is 'f' | 'k' | 'u' {
  return fact === 'f' || fact === 'k' || fact === 'u';
}

/** Ended otherwise than well. */
export function endedBadly(fact: Fact | undefined): boolean {
  return isStatus(fact) || fact === 'b';
}

/** A way out of a state: when it left, what is known on it besides. */
export interface Exit {
  readonly at: number;
  readonly overlay: ReadonlyMap<string, Fact>;
  /** The task before ended well: what follows it may be entered without a gate. */
  readonly good: boolean;
}

interface Entry {
  readonly at: number;
  readonly fact: Fact;
}

export class Facts {
  readonly #log = new Map<string, Entry[]>();
  /** Keys in the order their facts were set; the index is the time. */
  readonly #order: string[] = [];
  readonly #inherited = new Map<string, Fact | undefined>();
  readonly #outer: { readonly facts: Facts; readonly at: number } | undefined;
  #open: number;
  /** Something came in by a latch: state data may hold what no fact tells. */
  leaky: boolean;

  constructor(outer?: Facts) {
    this.#outer = outer && { facts: outer, at: outer.now() };
    this.#open = outer?.open() ?? 0;
    this.leaky = outer?.leaky ?? false;
  }

  now(): number {
    return this.#order.length;
  }

  /** How many keys may be present in the state data, if not {@link leaky}. */
  open(): number {
    return this.#open;
  }

  get(key: string, at: number = this.now()): Fact | undefined {
    const entries = this.#log.get(key);
    for (let index = (entries?.length ?? 0) - 1; index >= 0; index--) {
      const entry = entries?.[index];
      if (entry && entry.at < at) return entry.fact;
    }
    return this.#inherit(key);
  }

  /** What the outer strand knew when this one began: asked once, strands may be nested deeply. */
  #inherit(key: string): Fact | undefined {
    if (this.#outer === undefined) return undefined;
    if (this.#inherited.has(key)) return this.#inherited.get(key);
    const fact = this.#outer.facts.get(key, this.#outer.at);
    this.#inherited.set(key, fact);
    return fact;
  }

  set(key: string, fact: Fact): void {
    const before = this.get(key);
    if (before === fact) return;
    const entries = this.#log.get(key);
    const entry = { at: this.now(), fact };
    if (entries) entries.push(entry);
    else this.#log.set(key, [entry]);
    this.#order.push(key);
    this.#open += (mayBePresent(fact) ? 1 : 0) - (before !== undefined && mayBePresent(before) ? 1 : 0);
  }

  on(exit: Exit, key: string): Fact | undefined {
    return exit.overlay.get(key) ?? this.get(key, exit.at);
  }

  /** From here on, only what holds on every one of `exits` is known. */
  meet(exits: readonly Exit[]): void {
    const earliest = Math.min(...exits.map((exit) => exit.at));
    const touched = new Set(this.#order.slice(earliest));
    for (const exit of exits) for (const key of exit.overlay.keys()) touched.add(key);
    for (const key of touched) this.set(key, this.#agreed(exits, key));
  }

  /** What holds on all of several ways; of a long strand there are as many as it has tasks. */
  #agreed(exits: readonly Exit[], key: string): Fact {
    const [one] = exits;
    const first = one && this.on(one, key);
    let isSame = first !== undefined;
    let isBad = true;
    for (const exit of exits) {
      const fact = this.on(exit, key);
      isSame &&= fact === first;
      isBad &&= endedBadly(fact);
      if (!isSame && !isBad) return '?';
    }
    return isSame && first !== undefined ? first : 'b';
  }

  /** The course itself, as a way out. */
  exit(overlay: ReadonlyMap<string, Fact> = new Map(), good = true): Exit {
    return { at: this.now(), overlay, good };
  }
}

function mayBePresent(fact: Fact): boolean {
  return fact !== 's' && fact !== 'o';
}
