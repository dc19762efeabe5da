/** What a run and the child process of one try say to each other. */
import type { Json, JsonObject } from '../../base/json.ts';
import type { Environment } from '../../model/environment.ts';
import type { LogLine } from '../../model/log-line.ts';
import type { RunInput } from '../../model/run-input.ts';

export type ToChild =
  | {
      readonly kind: 'run';
      readonly task: string;
      readonly try: number;
      readonly mapIndex?: number | undefined;
      readonly args: JsonObject;
      readonly input: RunInput;
      readonly root: string;
      readonly filesFolder: string;
      readonly environment: Environment;
    }
  | { readonly kind: 'abort' };

export type FromChild =
  | { readonly kind: 'ready' }
  | { readonly kind: 'log'; readonly line: LogLine }
  | { readonly kind: 'done'; readonly output: Json }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string; readonly stack?: string };
