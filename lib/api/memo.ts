/** Replies that follow from runs and DAGs alone are made once, until one of those changes. */
import type { World } from '../orchestrator/ports.ts';
import { isNews } from './live.ts';

export interface Reply {
  readonly body: string;
  readonly etag: string;
}

export interface Memo {
  of(key: string, work: () => Promise<Reply>): Promise<Reply>;
}

/** What time alone changes, such as what is late, is at most this old. */
const FRESH_MS = 2_000;
/** Most bytes of all replies that are kept. */
const MOST_BYTES = 16_000_000;

interface Kept {
  readonly reply: Promise<Reply>;
  readonly untilMs: number;
  bytes: number;
}

/** One cheap read of the store tells whether anything changed since. */
export function memoOf({ store, clock }: Pick<World, 'store' | 'clock'>): Memo {
  const kept = new Replies();
  let cursor: string | undefined;
  const refresh = async () => {
    const before = cursor;
    const changes = await store.runs.changes(before, 1);
    if (before !== undefined && !isNews(changes)) return;
    // Another request may have looked meanwhile: what it kept may be older than this change.
    kept.clear();
    cursor = before === undefined ? changes.cursor : (await store.runs.changes()).cursor;
  };
  return {
    async of(key, work) {
      await refresh();
      const now = clock.now();
      return kept.get(key, now) ?? kept.add(key, work(), now + FRESH_MS);
    },
  };
}

/** Replies by key; the oldest go where all are too large. */
class Replies {
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  get(key: string, now: number): Promise<Reply> | undefined {
    const found = this.#kept.get(key);
    return found !== undefined && now < found.untilMs ? found.reply : undefined;
  }

  async add(key: string, reply: Promise<Reply>, untilMs: number): Promise<Reply> {
    this.#drop(key);
    const mine: Kept = { reply, untilMs, bytes: 0 };
    this.#kept.set(key, mine);
    try {
      const { body } = await reply;
      if (this.#kept.get(key) === mine) this.#weigh(mine, body.length);
    } catch {
      // Whoever asked is told; the next one asks anew.
      if (this.#kept.get(key) === mine) this.#drop(key);
    }
    return reply;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #weigh(kept: Kept, bytes: number): void {
    kept.bytes = bytes;
    this.#bytes += bytes;
    for (const key of this.#kept.keys()) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }
}
