/**
 * Which fields each state may have.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
 */
const COMMON = 'Type Comment QueryLanguage';

/** Fields of both query languages. */
const FIELDS: Readonly<Record<string, string>> = {
  Pass: 'Assign Next End',
  Task: 'Resource Credentials TimeoutSeconds HeartbeatSeconds Retry Catch Assign Next End',
  Choice: 'Choices Default Assign',
  Wait: 'Seconds Timestamp Assign Next End',
  Succeed: '',
  Fail: 'Error Cause',
  Parallel: 'Branches Retry Catch Assign Next End',
  Map:
    'ItemProcessor Iterator ItemSelector ItemReader ItemBatcher ResultWriter MaxConcurrency ToleratedFailureCount ' +
    'ToleratedFailurePercentage Label Retry Catch Assign Next End',
};

const JSONATA: Readonly<Record<string, string>> = {
  Pass: 'Output',
  Task: 'Arguments Output',
  Choice: 'Output',
  Wait: 'Output',
  Succeed: 'Output',
  Fail: '',
  Parallel: 'Arguments Output',
  Map: 'Items Output',
};

const JSONPATH: Readonly<Record<string, string>> = {
  Pass: 'InputPath OutputPath Result ResultPath Parameters',
  Task: 'InputPath OutputPath ResultPath Parameters ResultSelector TimeoutSecondsPath HeartbeatSecondsPath',
  Choice: 'InputPath OutputPath',
  Wait: 'InputPath OutputPath SecondsPath TimestampPath',
  Succeed: 'InputPath OutputPath',
  Fail: 'ErrorPath CausePath',
  Parallel: 'InputPath OutputPath ResultPath Parameters ResultSelector',
  Map:
    'InputPath OutputPath ResultPath Parameters ResultSelector ItemsPath MaxConcurrencyPath ' +
    'ToleratedFailureCountPath ToleratedFailurePercentagePath',
};

export const STATE_TYPES: readonly string[] = Object.keys(FIELDS);

const both = table((type) => `${COMMON} ${FIELDS[type]}`);
const jsonata = table((type) => JSONATA[type] ?? '');
const jsonpath = table((type) => JSONPATH[type] ?? '');

/** Whether a state of `type` in the one query language may have `field`: yes, only in the other language, or never. */
export function fieldRule(type: string, field: string, inJsonata: boolean): 'yes' | 'other-language' | 'no' {
  const [own, other] = inJsonata ? [jsonata, jsonpath] : [jsonpath, jsonata];
  if (both.get(type)?.has(field) || own.get(type)?.has(field)) return 'yes';
  return other.get(type)?.has(field) ? 'other-language' : 'no';
}

function table(fields: (type: string) => string): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(STATE_TYPES.map((type) => [type, new Set(fields(type).split(' '))]));
}
