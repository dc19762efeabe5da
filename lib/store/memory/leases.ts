import type { Json, JsonObject } from '../../base/json.ts';
import { frozenCopy } from '../data.ts';
import type { LeaseStore } from '../store.ts';

export function memoryLeases(): LeaseStore {
  const leases = new Map<
    string,
    { readonly holder: JsonObject & { readonly id: string }; readonly untilMs: number }
  >();
  const answers = new Map<string, { readonly value: Json; readonly untilMs: number }>();
  return {
    async acquire(name, holder, untilMs, nowMs) {
      const lease = leases.get(name);
      if (lease !== undefined && lease.untilMs > nowMs && lease.holder.id !== holder.id) return lease.holder;
      leases.set(name, { holder: frozenCopy(holder), untilMs });
      return undefined;
    },
    async release(name, holderId) {
      if (leases.get(name)?.holder.id === holderId) leases.delete(name);
    },
    async holder(name, nowMs) {
      const lease = leases.get(name);
      return lease !== undefined && lease.untilMs > nowMs ? lease.holder : undefined;
    },
    async once(key, value, untilMs, nowMs) {
      const answer = answers.get(key);
      if (answer !== undefined && answer.untilMs > nowMs) return answer.value;
      answers.set(key, { value: frozenCopy(value), untilMs });
      return undefined;
    },
    async settle(key, value, untilMs) {
      answers.set(key, { value: frozenCopy(value), untilMs });
    },
  };
}
