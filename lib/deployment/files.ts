/** Files that are deployed beside the code of functions: what of an environment they must know, no secret in them. */
import type { Asks } from '../model/asks.ts';
import type { ConnectionConfig, NotifierConfig, RetentionConfig } from '../model/environment.ts';

/** Name of {@link DagFile}, beside `index.mjs`. */
export const DAG_FILE = 'environment.json';
/** Name of {@link CoreFile}, beside Core's handlers. */
export const CORE_FILE = 'environment.json';

/** Beside the code of a DAG's function; in its hash, so that a run keeps what its version was deployed with. */
export interface DagFile {
  readonly environment: string;
  readonly bucket: string;
  /** Those that the DAG uses. */
  readonly connections: Readonly<Record<string, ConnectionConfig>>;
  /** What bodies may ask; the function's role allows no more. */
  readonly asks: Asks;
}

/** Beside the code of Core's functions. */
export interface CoreFile {
  readonly environment: string;
  readonly bucket: string;
  readonly notifiers: Readonly<Record<string, NotifierConfig>>;
  readonly retention: RetentionConfig;
}
