/** One `tutti dev` has a store at a time: it starts the runs of schedules, and those that commands only write. */
import { RefusedError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { isSameAlive, thisProcess } from '../../local/process-alive.ts';
import type { LeaseStore } from '../../store/store.ts';

const NAME = 'dev';
/** Long: a function that keeps the process busy keeps it from renewing. One whose process is gone is taken over at once. */
const HELD_MS = 300_000;
/** How often it is prolonged. */
export const RENEW_MS = 60_000;

/** Who has it. */
export interface DevHolder extends JsonObject {
  readonly id: string;
  readonly pid: number;
  /** When that process began, as the system counts it; `''`: this one does not tell. */
  readonly since: string;
  /** Where it answers; `''`: it does not yet. */
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** This process as a holder. */
export function holderHere(id: string, startedAt: string, url = ''): DevHolder {
  const { pid, since = '' } = thisProcess();
  return { id, pid, since, url, startedAt };
}

/** The `tutti dev` that has this store, if its process is there. */
export async function devOf(leases: LeaseStore, nowMs: number): Promise<DevHolder | undefined> {
  const found = await leases.holder(NAME, nowMs);
  return isHolder(found) && isThere(found) ? found : undefined;
}

/**
 * Takes or prolongs it.
 *
 * @throws {RefusedError} `dev-runs`
 */
export async function takeLease(leases: LeaseStore, holder: DevHolder, nowMs: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const other = await leases.acquire(NAME, holder, nowMs + HELD_MS, nowMs);
    if (other === undefined) return;
    if (!isHolder(other) || isThere(other) || tries > 3) throw taken(other);
    await leases.release(NAME, other.id);
  }
}

export async function giveBackLease(leases: LeaseStore, { id }: DevHolder): Promise<void> {
  await leases.release(NAME, id);
}

function isThere({ pid, since }: DevHolder): boolean {
  return isSameAlive({ pid, ...(since === '' ? {} : { since }) });
}

function isHolder(value: JsonObject | undefined): value is DevHolder {
  return value !== undefined && typeof value['pid'] === 'number' && typeof value['id'] === 'string';
}

function taken(other: JsonObject): RefusedError {
  const { pid, url, startedAt } = other;
  const where = typeof url === 'string' && url !== '' ? ` at ${url}` : '';
  return new RefusedError(
    'dev-runs',
    `tutti dev › store: must have one tutti dev, got a second; process ${String(pid)} has it since ${String(startedAt)}${where}: use that one, or end it`,
  );
}
