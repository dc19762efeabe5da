/** What a configuration may say of a deployment. */
import { toSeconds } from '../base/duration.ts';
import { isObject } from '../base/json.ts';
import { CORE_FUNCTIONS } from '../deployment/names.ts';
import type { AwsConfig } from '../model/environment.ts';
import { byName, fields, listOf, oneOf, optional, type Shape, text, that, wholeNumber } from './shape.ts';

const ACCOUNT = "write account: '111122223333': aws sts get-caller-identity says which";
const REGION = "write region: 'eu-central-1'";
const STACKS = "write stacks: 8, or stacks: (dag) => 'sales'";
const VPC = "write vpc: { subnetIds: ['subnet-…'], securityGroupIds: ['sg-…'] }";
const KEY = "write encryptionKey: 'arn:aws:kms:…:key/…'";
const JWT = "write api: { jwt: { issuer: 'https://…', audience: ['…'] } }";

/** Minutes between sweeps: Scheduler knows no shorter time, and what is lost must not stay so for a day. */
const SWEEP_MINUTES = { least: 1, most: 1440 };

const isSweep = (value: unknown) => {
  const minutes = (toSeconds(value) ?? 0) / 60;
  return Number.isInteger(minutes) && minutes >= SWEEP_MINUTES.least && minutes <= SWEEP_MINUTES.most;
};

const tag: Shape = that(
  (value) => typeof value === 'string' && /^[\p{L}\p{N}\s_.:/=+\-@]{0,256}$/u.test(value),
  'be a text of at most 256 letters, digits, spaces and _.:/=+-@',
  "write tags: { 'cost-centre': 'data' }",
);

/** @see https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const tags: Shape = (value, field) => {
  const names = Object.keys(isObject(value) ? value : {});
  const taken = names.filter((name) => /^(aws|tutti):/i.test(name) || name.length > 128);
  return [
    ...byName(() => tag, "write tags: { 'cost-centre': 'data' }")(value, field),
    ...taken.map((name) => ({
      field: `${field}.${name}`,
      message: `must have a name that does not begin with aws: or tutti:, of at most 128 characters, got ${JSON.stringify(name)}`,
      remedy: 'give it another name',
    })),
  ];
};

const ids = (start: string) =>
  that(
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((id) => typeof id === 'string' && id.startsWith(start)),
    `be a list of ids that begin with ${start}`,
    VPC,
  );

const yesOrNo = oneOf([true, false], 'leave it out for what is usual');

export const aws = fields<AwsConfig>(
  {
    account: text('be 12 digits', ACCOUNT, /^\d{12}$/),
    region: text('be the name of a region', REGION, /^[a-z]{2,4}(-[a-z]+)+-\d+$/),
    newRegion: optional(yesOrNo),
    stacks: optional((value, field) =>
      typeof value === 'function' ? [] : wholeNumber(1, 100, STACKS)(value, field),
    ),
    tags: optional(tags),
    permissionsBoundary: optional(
      text(
        'be the name of a managed policy',
        "write permissionsBoundary: 'developers'",
        /^[\w+=,.@-]{1,128}$/,
      ),
    ),
    vpc: optional(
      fields<NonNullable<AwsConfig['vpc']>>({ subnetIds: ids('subnet-'), securityGroupIds: ids('sg-') }, VPC),
    ),
    encryptionKey: optional(text('be the ARN of a key', KEY, /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/)),
    keepData: optional(yesOrNo),
    architecture: optional(oneOf(['arm64', 'x86_64'], "leave it out for 'arm64'")),
    sweepEvery: optional(that(isSweep, 'be a whole number of minutes, 1m to 24h', "write sweepEvery: '5m'")),
    api: optional(
      fields<NonNullable<AwsConfig['api']>>(
        {
          jwt: fields<NonNullable<AwsConfig['api']>['jwt']>(
            {
              issuer: text('begin with https://', JWT, /^https:\/\/[^/]/),
              audience: listOf(text('be a text', JWT), JWT),
            },
            JWT,
          ),
          origin: optional(
            text('be an origin', "write origin: 'https://ui.example.com'", /^https?:\/\/[^/]+$/),
          ),
        },
        JWT,
      ),
    ),
    logs: optional(oneOf(['OFF', 'ERROR', 'ALL'], "leave it out for 'OFF'")),
    tracing: optional(yesOrNo),
    concurrency: optional(concurrency()),
  },
  "write aws: { account: '111122223333', region: 'eu-central-1' }",
);

function concurrency(): Shape {
  const remedy = 'write concurrency: { record: 5 }';
  const known = oneOf(CORE_FUNCTIONS, remedy);
  return byName(
    (name) => (value, field) => [...known(name, field), ...wholeNumber(1, 1000, remedy)(value, field)],
    remedy,
  );
}
