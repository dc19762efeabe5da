/** What holds and what does not, said as it is found out. */
import { setTimeout as sleep } from 'node:timers/promises';

const started = performance.now();
let passed = 0;
let failed = 0;

/** One thing that must hold. Gives what `work` gives; undefined where it does not hold, which is said. */
export async function check<T>(title: string, work: () => Promise<T> | T): Promise<T | undefined> {
  const since = performance.now();
  try {
    const value = await work();
    passed += 1;
    say(`✓ ${title} (${seconds(since)} s)`);
    return value;
  } catch (thrown) {
    failed += 1;
    const told = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    say(`✕ ${title} (${seconds(since)} s)\n${told.replace(/^/gm, '    ')}`);
    return undefined;
  }
}

export function score(): { readonly passed: number; readonly failed: number } {
  return { passed, failed };
}

export function say(line: string): void {
  process.stdout.write(`${seconds().padStart(6)} ${line}\n`);
}

/**
 * Looks until there is something. Longest is generous: it ends what hangs, and measures nothing.
 *
 * @throws {Error} with what it last saw
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  { longestMs = 90_000, everyMs = 200 }: { readonly longestMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const end = Date.now() + longestMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${longestMs / 1000} s`);
    await sleep(everyMs);
  }
}

function seconds(since = started): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
