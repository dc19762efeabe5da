/** What all of Core's functions share: the environment's world, opened once, and a log that says what went wrong. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toSeconds } from '../base/duration.ts';
import { RefusedError } from '../base/errors.ts';
import { TaskError } from '../base/task-error.ts';
import { CORE_FILE, type CoreFile } from '../deployment/files.ts';
import { type AwsPlace, tableName } from '../deployment/names.ts';
import type { RetentionConfig } from '../model/environment.ts';
import { functionClock } from './clock.ts';
import { coreClients } from './core-clients.ts';
import { openDynamoStore } from './dynamodb/store.ts';
import { accessBy } from './signed/access.ts';
import { type AwsWorld, openAwsWorld } from './world.ts';

/** What Lambda tells a handler of its call. */
export interface FunctionContext {
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

/** One call: its world, and what is left of its time. */
export interface Call {
  /** Opened as it is first asked for. */
  readonly world: AwsWorld;
  readonly remainingMs: () => number;
  /** Writes a line of the log, as JSON. */
  readonly log: (message: string, fields?: object) => void;
}

export interface CoreFunctionOptions {
  /** The process's environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Where {@link CORE_FILE} is. */
  readonly folder: string;
  /** Writes a line to the log. */
  readonly write: (line: string) => void;
}

export type CoreFunction<R> = (event: unknown, context: FunctionContext) => Promise<R>;

/**
 * A handler that does `work`. What it throws is logged with its stack, and thrown on: Lambda tries again what came
 * asynchronously, and hands it to the queue of dead letters then.
 */
export function coreFunction<R>(
  { variables, folder, write }: CoreFunctionOptions,
  work: (event: unknown, call: Call) => Promise<R>,
): CoreFunction<R> {
  let opened: AwsWorld | undefined;
  const log = (message: string, fields: object = {}) =>
    write(`${JSON.stringify({ timestamp: new Date().toISOString(), level: 'INFO', message, ...fields })}\n`);
  // Of the call that goes on: a function has one at a time.
  let current: FunctionContext | undefined;
  const remainingMs = () => current?.getRemainingTimeInMillis() ?? Infinity;
  return async (event, context) => {
    current = context;
    const call: Call = {
      get world() {
        const { invokedFunctionArn: functionArn } = context;
        opened ??= open({ variables, folder, write }, { functionArn, remainingMs });
        return opened;
      },
      remainingMs: () => context.getRemainingTimeInMillis(),
      log,
    };
    try {
      return await work(event, call);
    } catch (error) {
      log(messageOf(error), { level: 'ERROR', ...errorFields(error) });
      throw named(error);
    }
  };
}

interface Opening {
  readonly functionArn: string;
  readonly remainingMs: () => number;
}

function open(
  { variables, folder, write }: CoreFunctionOptions,
  { functionArn, remainingMs }: Opening,
): AwsWorld {
  const file: CoreFile = JSON.parse(readFileSync(join(folder, CORE_FILE), 'utf8'));
  const place = placeOf(file.environment, functionArn, variables['AWS_REGION']);
  const clients = coreClients({ ...accessBy(variables), region: place.region, remainingMs });
  return openAwsWorld({
    place,
    file,
    clients,
    store: openDynamoStore({
      client: clients.dynamodb,
      table: tableName(file.environment),
      keptDays: keptDays(file.retention),
    }),
    clock: functionClock,
    random: Math.random,
    write,
  });
}

const DAY_SECONDS = 86_400;
/** After its run: what is to be removed goes with the run, and this is only for what a crash left. */
const SPARE_DAYS = 30;
const FOR_EVER_DAYS = 36_500;

/** Task runs are kept as long as their runs are. */
function keptDays({ age }: RetentionConfig): number {
  const seconds = toSeconds(age);
  return seconds === undefined ? FOR_EVER_DAYS : Math.ceil(seconds / DAY_SECONDS) + SPARE_DAYS;
}

/** `arn:aws:lambda:eu-central-1:123456789012:function:tutti-prod-tick`. */
function placeOf(environment: string, arn: string, region: string | undefined): AwsPlace {
  const [, partition = 'aws', , ofArn = '', account = ''] = arn.split(':');
  return { environment, account, partition, region: region ?? ofArn };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return {};
  const code = error instanceof RefusedError ? { code: error.code } : {};
  return { errorType: error.name, ...code, stack: error.stack };
}

/** Lambda tells callers, and machines, the name of an error: of what was refused, its code says more. */
function named(error: unknown): unknown {
  const name =
    error instanceof RefusedError ? error.code : error instanceof TaskError ? error.error : undefined;
  if (name === undefined || !(error instanceof Error)) return error;
  const message = error instanceof TaskError ? error.causeText : error.message;
  return Object.assign(new Error(message, { cause: error }), { name });
}
