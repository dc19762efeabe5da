/** What `tutti.config.ts` may say. What is wrong here would be found out when something is deployed, fails or is removed. */
import { toSeconds } from '../base/duration.ts';
import { isObject } from '../base/json.ts';
import { ENVIRONMENT_NAME } from '../deployment/names.ts';
import type {
  EnvironmentConfig,
  HttpConnectionSetting,
  NotifierConfig,
  RetentionConfig,
  SqlConnectionConfig,
  TuttiConfig,
} from '../model/environment.ts';
import { aws } from './aws-shape.ts';
import {
  byKind,
  byName,
  type Fault,
  fields,
  listOf,
  oneOf,
  optional,
  type Shape,
  text,
  that,
  wholeNumber,
} from './shape.ts';

/** Everything that is wrong with a configuration. */
export function configFaults(config: unknown): readonly Fault[] {
  return isObject(config) ? whole(config, '') : exported(config, '');
}

/** Everything that is wrong with one environment; fields are below it. */
export function environmentFaults(name: string, environment: unknown): readonly Fault[] {
  return environmentShape(name)(environment, '');
}

const ENVIRONMENTS = 'write { local: {} }';
const GLOBS = "write ['pipelines/**/*.ts']";

const whole = fields<TuttiConfig>(
  {
    pipelines: optional(
      that(
        (value) => Array.isArray(value) && value.every((glob) => typeof glob === 'string'),
        'be a list of globs',
        GLOBS,
      ),
    ),
    environments: byName(environmentShape, ENVIRONMENTS),
  },
  'write export const config = defineConfig({ … })',
);

const exported = that(isObject, 'export a configuration', 'write export const config = defineConfig({ … })');

/** The laptop is `local`; others are deployed where they say so. */
function environmentShape(name: string): Shape {
  return (value, field) => {
    const isDeployed = isObject(value) && value['aws'] !== undefined;
    const shape = fields<EnvironmentConfig>(
      {
        connections: optional(byName(() => (isDeployed ? connectionThere : connectionHere), CONNECTIONS)),
        notifiers: optional(byName(() => (isDeployed ? notifierThere : notifierHere), NOTIFIERS)),
        retention: optional(retention),
        aws: name === 'local' ? notLocal : optional(aws),
      },
      'write { connections: { … } }',
    );
    return [...(isDeployed ? nameFaults(name, field) : []), ...shape(value, field)];
  };
}

const notLocal = that(
  (value) => value === undefined,
  'not be there: local is the laptop',
  'give the environment another name: dev',
);

function nameFaults(name: string, field: string): readonly Fault[] {
  if (ENVIRONMENT_NAME.test(name)) return [];
  const message = `must have a name of 1 to 12 of a-z and 0-9, got ${JSON.stringify(name)}`;
  return [
    { field, message, remedy: 'names of all that is deployed begin with it: write dev, staging, prod' },
  ];
}

const CONNECTIONS = "write { warehouse: { kind: 'sql' } }";
const HTTP = "write { kind: 'http', baseUrl: 'https://…' }";
const URL_START = /^https?:\/\/[^/]/;
const isUrl = (value: unknown) => typeof value === 'string' && URL_START.test(value) && URL.canParse(value);
const url = (remedy: string) => that(isUrl, 'begin with https:// or http://', remedy);
const headers = (remedy: string) =>
  that(
    (value) => isObject(value) && Object.values(value).every((one) => typeof one === 'string'),
    'be an object of texts',
    remedy,
  );
const secret = (remedy: string) => text('be the name of a secret', remedy);

const sql = fields<SqlConnectionConfig>(
  {
    kind: oneOf(['sql', 'http'], CONNECTIONS),
    engine: optional(oneOf(['duckdb', 'athena'], "leave it out for 'duckdb'")),
    database: optional(text('be a text', 'write the name of a database, or of a file')),
    workGroup: optional(text('be a text', "write 'primary'")),
    catalog: optional(text('be a text', "write 'AwsDataCatalog'")),
    outputLocation: optional(
      that(
        (value) =>
          value === false || (typeof value === 'string' && /^s3:\/\/[a-z0-9][a-z0-9.-]+(\/|$)/.test(value)),
        'be a place in S3, or false',
        "write 's3://bucket/prefix/', or false where the work group keeps results itself",
      ),
    ),
    data: optional(
      listOf(
        text('be a bucket and a prefix', "write 'bucket/prefix/*'", /^[a-z0-9][a-z0-9.-]+(\/|$)/),
        "write ['bucket/prefix/*']",
      ),
    ),
  },
  CONNECTIONS,
);

/** Asked for as a run starts, a base URL may be a function: on AWS nothing asks. */
const http = (baseUrl: Shape) =>
  fields<HttpConnectionSetting>(
    {
      kind: oneOf(['sql', 'http'], CONNECTIONS),
      baseUrl,
      headers: optional(headers(HTTP)),
      secret: optional(secret(HTTP)),
    },
    HTTP,
  );

const urlOrFunction: Shape = (value, field) => (typeof value === 'function' ? [] : url(HTTP)(value, field));
const deployedUrl: Shape = (value, field) =>
  typeof value === 'function'
    ? that(
        () => false,
        'be a text where it is deployed',
        "write 'https://…': nothing there calls functions of this file",
      )(value, field)
    : url(HTTP)(value, field);

const connectionHere = byKind({ sql, http: http(urlOrFunction) }, CONNECTIONS);
const connectionThere = byKind({ sql, http: http(deployedUrl) }, CONNECTIONS);

type Notifier<Kind> = Extract<NotifierConfig, { readonly kind: Kind }>;

const NOTIFIERS = "write { oncall: { kind: 'webhook', url: 'https://…' } }";
const anyKind = oneOf(['console', 'webhook', 'sns'], NOTIFIERS);
const console = fields<Notifier<'console'>>({ kind: anyKind }, NOTIFIERS);
const webhook = fields<Notifier<'webhook'>>(
  {
    kind: anyKind,
    url: url(NOTIFIERS),
    headers: optional(headers(NOTIFIERS)),
    secret: optional(secret(NOTIFIERS)),
  },
  NOTIFIERS,
);
const sns = fields<Notifier<'sns'>>(
  {
    kind: anyKind,
    topicArn: optional(
      text(
        'be the ARN of a topic',
        "leave it out for a topic of the environment's own",
        /^arn:[\w-]+:sns:[\w-]+:\d{12}:./,
      ),
    ),
    email: optional(
      listOf(text('be an address', "write ['oncall@example.com']", /^[^@\s]+@[^@\s]+$/), "write ['…@…']"),
    ),
    format: optional(oneOf(['text', 'chat'], "leave it out for 'text'")),
  },
  "write { kind: 'sns', email: ['oncall@example.com'] }",
);
const notifierHere = byKind({ console, webhook }, NOTIFIERS);
const notifierThere = byKind(
  { webhook, sns },
  "write { oncall: { kind: 'sns', email: ['oncall@example.com'] } }",
);

const RETENTION = "write { age: '400d', keep: 10_000 }, or {} to keep all runs";
const retention = fields<RetentionConfig>(
  {
    age: optional(that((value) => (toSeconds(value) ?? 0) > 0, 'be a duration of more than 0', RETENTION)),
    keep: optional(wholeNumber(1, Number.MAX_SAFE_INTEGER, RETENTION)),
  },
  RETENTION,
);
