/** What a try of a task writes into its log. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of a try's log. */
export interface LogLine {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: object;
}
