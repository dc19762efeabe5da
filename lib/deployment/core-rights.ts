/** What each of Core's functions may do. */
import { compareTexts } from '../base/compare.ts';
import type { Permission } from '../engines/permission.ts';
import type { NotifierConfig } from '../model/environment.ts';
import {
  type AwsPlace,
  arnOf,
  type CoreFunction,
  coreFunctionName,
  logGroupName,
  prefixOf,
  tableName,
  topicName,
} from './names.ts';
import {
  allow,
  executionsArn,
  indexArn,
  leadingKeys,
  machinesArn,
  readSecrets,
  tableArn,
  writeLogs,
} from './rights.ts';

export interface CorePlace {
  readonly place: AwsPlace;
  readonly notifiers: Readonly<Record<string, NotifierConfig>>;
  /** Bucket of the bootstrap stack, and what is before our files' names in it. */
  readonly assets: { readonly bucket: string; readonly prefix: string };
}

const WITHIN = 'the star ranges over this environment only';

export function coreRights(name: CoreFunction, core: CorePlace): readonly Permission[] {
  const { place } = core;
  // What follows from a run that changed: another one starts, who waits is answered, who wants to know is told.
  const goOn = [...write(place), start(place), look(place), answer(), ...tell(core)];
  const all: Readonly<Record<CoreFunction, readonly Permission[]>> = {
    tick: [...goOn, ...call(place, 'cancel')],
    // Stops what the run that ended still waited for.
    record: [...goOn, stop(place), ...call(place, 'cancel')],
    sweep: [...goOn, stop(place), ...call(place, 'cancel', 'backfill')],
    backfill: [...write(place), start(place), look(place), ...tell(core), ...call(place, 'backfill')],
    // Cancels runs of DAGs that are removed, where it is asked to.
    register: [...goOn, stop(place), ...call(place, 'cancel'), readAssets(core)],
    cancel: [...write(place), callDags(place)],
    pool: [allow([...READ, ...WRITE], [tableArn(place)], { conditions: leadingKeys(['POOL#*']) }), answer()],
    'api-read': [read(place), look(place), readLogs(place)],
    'api-write': [...goOn, stop(place), ...call(place, 'backfill', 'cancel')],
  };
  return [writeLogs(place), ...all[name]];
}

const READ = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'];
const WRITE = [
  'dynamodb:BatchWriteItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
];

export function read(place: AwsPlace): Permission {
  return allow(READ, [tableArn(place), indexArn(place)]);
}

function write(place: AwsPlace): readonly Permission[] {
  return [read(place), allow(WRITE, [tableArn(place)])];
}

/** A version is authorised by its machine's ARN. */
function start(place: AwsPlace): Permission {
  return allow(['states:StartExecution'], [machinesArn(place)], { reason: WITHIN });
}

export function look(place: AwsPlace): Permission {
  const mapRuns = arnOf(place, 'states', `mapRun:${prefixOf(place.environment)}*`);
  return allow(
    [
      'states:DescribeExecution',
      'states:DescribeMapRun',
      'states:GetExecutionHistory',
      'states:ListExecutions',
      'states:ListMapRuns',
    ],
    [executionsArn(place), machinesArn(place), mapRuns],
    { reason: WITHIN },
  );
}

function stop(place: AwsPlace): Permission {
  return allow(['states:StopExecution'], [executionsArn(place)], { reason: WITHIN });
}

function answer(): Permission {
  return allow(['states:SendTaskFailure', 'states:SendTaskSuccess'], ['*'], {
    reason: 'a task token belongs to no resource',
  });
}

/** The bus, topics, and secrets of webhooks. */
function tell({ place, notifiers }: CorePlace): readonly Permission[] {
  const found = Object.entries(notifiers);
  const topics = found.flatMap(([name, notifier]) =>
    notifier.kind === 'sns'
      ? [notifier.topicArn ?? arnOf(place, 'sns', topicName(place.environment, name))]
      : [],
  );
  const secrets = found.flatMap(([, notifier]) =>
    notifier.kind === 'webhook' && notifier.secret !== undefined ? [notifier.secret] : [],
  );
  const alerts = arnOf(place, 'sns', topicName(place.environment));
  return [
    allow(['events:PutEvents'], [arnOf(place, 'events', `event-bus/${tableName(place.environment)}`)]),
    allow(['sns:Publish'], [...new Set([alerts, ...topics])].sort(compareTexts)),
    ...readSecrets(place, secrets),
  ];
}

function call(place: AwsPlace, ...names: readonly CoreFunction[]): readonly Permission[] {
  const arns = names.map((name) =>
    arnOf(place, 'lambda', `function:${coreFunctionName(place.environment, name)}`),
  );
  return [allow(['lambda:InvokeFunction'], arns)];
}

/** Functions of DAGs, whichever there are when it is asked. */
function callDags(place: AwsPlace): Permission {
  const arn = arnOf(place, 'lambda', `function:${prefixOf(place.environment)}*`);
  return allow(['lambda:InvokeFunction'], [arn], { reason: WITHIN });
}

export function readLogs(place: AwsPlace): Permission {
  const group = arnOf(place, 'logs', `log-group:${logGroupName(place.environment)}`);
  return allow(['logs:FilterLogEvents', 'logs:GetLogEvents'], [group, `${group}:*`], {
    reason: 'streams of the one log group of the environment',
  });
}

function readAssets({ place, assets }: CorePlace): Permission {
  return allow(['s3:GetObject'], [`arn:${place.partition}:s3:::${assets.bucket}/${assets.prefix}*`], {
    reason: 'manifests of this environment, named by their content',
  });
}
