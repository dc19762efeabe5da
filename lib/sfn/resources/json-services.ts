/** Services that speak AWS JSON. @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { TaskError } from '../../interpreter/resource.ts';
import type { Answer } from '../ask.ts';
import { askService, type Outside } from './outside.ts';
import { capital, type Integration, type Service, serviceError, small, spelled } from './service.ts';

interface JsonService {
  /** Before the operation in `X-Amz-Target`. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  /** How errors begin: those of the SDK integration, those of the optimised one. */
  readonly sdk: string;
  readonly optimised?: string;
  /** As in a signature. @default its name in a Resource */
  readonly signs?: string;
  /** Its members begin with small letters; a machine's always with capitals. */
  readonly isSmall?: true;
}

const EVENTS: JsonService = {
  target: 'AWSEvents',
  version: '1.1',
  sdk: 'EventBridge',
  optimised: 'EventBridge',
  signs: 'events',
};

/** By their name in a Resource. */
const SERVICES: Readonly<Record<string, JsonService | undefined>> = {
  dynamodb: { target: 'DynamoDB_20120810', version: '1.0', sdk: 'DynamoDb', optimised: 'DynamoDB' },
  sqs: { target: 'AmazonSQS', version: '1.0', sdk: 'Sqs', optimised: 'SQS' },
  events: EVENTS,
  eventbridge: EVENTS,
  athena: { target: 'AmazonAthena', version: '1.1', sdk: 'Athena', optimised: 'Athena' },
  glue: { target: 'AWSGlue', version: '1.1', sdk: 'Glue', optimised: 'Glue' },
  secretsmanager: { target: 'secretsmanager', version: '1.1', sdk: 'SecretsManager' },
  ssm: { target: 'AmazonSSM', version: '1.1', sdk: 'Ssm' },
  kms: { target: 'TrentService', version: '1.1', sdk: 'Kms' },
  kinesis: { target: 'Kinesis_20131202', version: '1.1', sdk: 'Kinesis' },
  firehose: { target: 'Firehose_20150804', version: '1.1', sdk: 'Firehose' },
  redshiftdata: { target: 'RedshiftData', version: '1.1', sdk: 'RedshiftData', signs: 'redshift-data' },
  cloudwatchlogs: {
    target: 'Logs_20140328',
    version: '1.1',
    sdk: 'CloudWatchLogs',
    signs: 'logs',
    isSmall: true,
  },
  ecs: {
    target: 'AmazonEC2ContainerServiceV20141113',
    version: '1.1',
    sdk: 'Ecs',
    optimised: 'ECS',
    isSmall: true,
  },
};

/** Texts that an optimised integration makes of JSON. */
const TEXTS: ReadonlySet<string> = new Set(['MessageBody', 'Detail']);

/** The service behind an integration; `undefined` for one of another protocol, or none known here. */
export function jsonService(outside: Outside, { service, action, isSdk }: Integration): Service | undefined {
  const known = SERVICES[service];
  if (known === undefined || (!isSdk && known.optimised === undefined)) return undefined;
  const prefix = isSdk ? known.sdk : (known.optimised ?? known.sdk);
  const headers = {
    'content-type': `application/x-amz-json-${known.version}`,
    'x-amz-target': `${known.target}.${capital(action)}`,
  };
  return async ({ signal }, args) => {
    const given = isSdk ? args : withTexts(args);
    const body = JSON.stringify(known.isSmall ? spelled(given, small) : given);
    const ask = { service: known.signs ?? service, prefix, headers, body, signal };
    const answer = successful(await askService(outside, ask), prefix);
    if (!isSdk) checkEntries(answer);
    return known.isSmall ? spelled(answer, capital) : answer;
  };
}

/** @throws {TaskError} what the service refused with */
function successful({ status, headers, body }: Answer, prefix: string): JsonObject {
  const answer = parsed(body);
  if (status < 300) return answer;
  const requestId = headers['x-amzn-requestid'];
  throw serviceError(prefix, { ...errorIn(answer, status), status, requestId });
}

/** PutEvents succeeds with events it did not take; the optimised integration does not. */
function checkEntries(answer: JsonObject): void {
  if (Number(answer['FailedEntryCount'] ?? 0) === 0) return;
  throw new TaskError('EventBridge.FailedEntry', JSON.stringify(answer));
}

function errorIn(answer: JsonObject, status: number): { readonly code: string; readonly message: string } {
  const { __type, code = __type, Message, message = Message } = answer;
  // `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException:http://…`
  const name =
    String(code ?? `Http${status}`)
      .split('#')
      .at(-1)
      ?.split(':')[0] ?? '';
  return {
    code: name.endsWith('Exception') ? name : `${name}Exception`,
    message: typeof message === 'string' ? message : JSON.stringify(answer),
  };
}

function parsed(text: string): JsonObject {
  try {
    const value: Json = JSON.parse(text === '' ? '{}' : text);
    return isObject(value) ? value : { Body: value };
  } catch {
    return { message: text };
  }
}

function withTexts(args: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      if (TEXTS.has(name) && typeof value === 'object') return [name, JSON.stringify(value)];
      if (!Array.isArray(value)) return [name, value];
      return [name, value.map((item: Json) => (isObject(item) ? withTexts(item) : item))];
    }),
  );
}
