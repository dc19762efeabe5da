/**
 * What AWS asks in us-east-1, dollars, free tiers not taken off.
 *
 * @see https://aws.amazon.com/step-functions/pricing/
 * @see https://aws.amazon.com/lambda/pricing/
 * @see https://aws.amazon.com/dynamodb/pricing/on-demand/
 * @see https://aws.amazon.com/eventbridge/pricing/
 * @see https://aws.amazon.com/cloudwatch/pricing/
 */
export const PRICES = {
  /** Of Standard workflows. */
  transition: 25 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  /** arm64: one GB for one second. */
  lambdaGbSecond: 0.000_013_333_4,
  /** On demand: one item of at most 1 KB. */
  tableWrite: 0.625 / 1e6,
  /** On demand: one consistent read of at most 4 KB; an eventual one is half. */
  tableRead: 0.125 / 1e6,
  schedule: 1 / 1e6,
  /** Events of our own bus; those of AWS's services cost nothing. */
  customEvent: 1 / 1e6,
  /** A GB of log lines. */
  logGb: 0.5,
} as const;

/** What is used of each. */
export interface Usage {
  readonly transitions: number;
  readonly lambdaRequests: number;
  readonly lambdaGbSeconds: number;
  readonly tableWrites: number;
  readonly tableReads: number;
  readonly schedules: number;
  readonly customEvents: number;
  readonly logGb: number;
}

export const NO_USAGE: Usage = {
  transitions: 0,
  lambdaRequests: 0,
  lambdaGbSeconds: 0,
  tableWrites: 0,
  tableReads: 0,
  schedules: 0,
  customEvents: 0,
  logGb: 0,
};

/** Dollars of what is used. */
export function costOf(usage: Usage): number {
  return (
    usage.transitions * PRICES.transition +
    usage.lambdaRequests * PRICES.lambdaRequest +
    usage.lambdaGbSeconds * PRICES.lambdaGbSecond +
    usage.tableWrites * PRICES.tableWrite +
    usage.tableReads * PRICES.tableRead +
    usage.schedules * PRICES.schedule +
    usage.customEvents * PRICES.customEvent +
    usage.logGb * PRICES.logGb
  );
}
