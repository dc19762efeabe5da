/** What a run used, from what was asked meanwhile. */
import { NO_USAGE, type Usage } from '../../lib/deployment/prices.ts';
import type { Asked } from './gateway.ts';

/** GB that functions are declared with. */
const MEMORY_GB = 0.5;
const RECORD_GB = 1;

/**
 * Seconds that a call is billed, assumed as `tutti plan` assumes them: an emulator on a busy machine would measure itself. A task
 * of the sample asks once over HTTP; the recorder reads one history and writes its tasks.
 */
const CALL_SECONDS = 0.1;
/** Bytes of log that a call leaves: Lambda's start, end and report, which an emulator does not write, and a line of its own. */
const CALL_LOG_BYTES = 1_200;

export interface Calls {
  /** By what is of 512 MB. */
  readonly small: number;
  /** By the recorder. */
  readonly record: number;
}

/** `asked`: by the run's machine, its functions and Core's. */
export function usageOf(asked: readonly Asked[], calls: Calls, transitions: number): Usage {
  const unitsOf = (isIt: (action: string) => boolean) =>
    asked.filter(({ action }) => isIt(action)).reduce((sum, { units }) => sum + units, 0);
  return {
    ...NO_USAGE,
    transitions,
    lambdaRequests: calls.small + calls.record,
    lambdaGbSeconds: CALL_SECONDS * (calls.small * MEMORY_GB + calls.record * RECORD_GB),
    tableWrites: unitsOf((action) => action.startsWith('DynamoDB.') && !isRead(action)),
    tableReads: unitsOf(isRead),
    schedules: 1,
    logGb: ((calls.small + calls.record) * CALL_LOG_BYTES) / 1024 ** 3,
    customEvents: asked.filter(({ action }) => action === 'AWSEvents.PutEvents').length,
  };
}

function isRead(action: string): boolean {
  return /^DynamoDB\.(GetItem|Query|BatchGetItem|Scan)$/.test(action);
}
