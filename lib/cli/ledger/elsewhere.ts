import type { LedgerOptions } from './open-ledger.ts';

/** True where a command is about an environment that is deployed, not about this machine. */
export function isElsewhere({ env }: Pick<LedgerOptions, 'env'>): boolean {
  return env !== undefined && env !== 'local';
}
