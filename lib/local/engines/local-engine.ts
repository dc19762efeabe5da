import type { Json, JsonObject } from '../../base/json.ts';
import type { FnContext } from '../../model/context.ts';
import type { Surroundings } from '../context/fn-context.ts';

/** One try of an engine's verb here. */
export interface EngineCall {
  readonly task: string;
  /** Counters of the modules around it, outermost first: `2.0`. */
  readonly instance?: string | undefined;
  /** Number of the execution that it is a part of. */
  readonly attempt: string;
  readonly engine: string;
  readonly connection?: string;
  /** Refs resolved. */
  readonly args: JsonObject;
  /** Fields of the output that later states refer to. */
  readonly want: readonly string[];
  readonly context: FnContext;
  readonly place: Surroundings;
}

/** What an engine's verb does on this machine: its output, or an error that retry rules know by name. */
export type LocalEngine = (call: EngineCall) => Promise<Json>;
