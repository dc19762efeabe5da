/** What an environment's table looks like (`aws.md` 5): its stack makes it so, and the store reads it so. */

export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Whole items, of those that have its keys: runs by state and creation, backfills. Nothing is admitted by it. */
  index: { name: 'gsi1', partitionKey: 'gsi1pk', sortKey: 'gsi1sk' },
  /** Seconds since the epoch. */
  timeToLive: 'ttl',
} as const;
