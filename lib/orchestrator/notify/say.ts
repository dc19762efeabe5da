/** Tells people something once. */
import { isObject } from '../../base/json.ts';
import type { Message, World } from '../ports.ts';

/** `unsent`: it could not be handed over, or somebody else is at it. The sweep tries again. */
export type Said = 'sent' | 'before' | 'unsent';

/** After so long, who began to send it is taken for dead. */
const PATIENCE_MS = 120_000;

/** How long it is known that it was sent: runs that are cleared later have other attempts. */
const KEPT_MS = 90 * 86_400_000;

/**
 * Hands a message over, if nobody has: `key` is kept before, and that it was sent after. Where a sender dies between the
 * two it is sent again, so that none is lost: of all crashes only that one is told twice.
 */
export async function say({ store, clock, notifier }: World, key: string, message: Message): Promise<Said> {
  const nowMs = clock.now();
  const name = `message ${key}`;
  const before = await store.leases.once(name, { atMs: nowMs }, nowMs + KEPT_MS, nowMs);
  if (isObject(before)) {
    if (before['sent'] === true) return 'before';
    if (typeof before['atMs'] === 'number' && before['atMs'] + PATIENCE_MS > nowMs) return 'unsent';
    await store.leases.settle(name, { atMs: nowMs }, nowMs + KEPT_MS);
  }
  try {
    await notifier.notify(message);
  } catch {
    // At once tried again by the next sweep.
    await store.leases.settle(name, { atMs: 0 }, nowMs + KEPT_MS);
    return 'unsent';
  }
  await store.leases.settle(name, { atMs: nowMs, sent: true }, nowMs + KEPT_MS);
  return 'sent';
}

/** Of several, whether each is out. */
export function isOut(said: readonly Said[]): boolean {
  return said.every((one) => one !== 'unsent');
}
