/** One state's own fields; where it leads and what it reads are checked elsewhere. */

import { isExpression } from '../jsonata.ts';
import { MAX_SECONDS } from '../limits.ts';
import { checkCatch, checkRetry } from './errors.ts';
import { fieldRule, STATE_TYPES } from './fields.ts';
import { checkMap } from './map.ts';
import { checkResource } from './resource.ts';
import { allow, entries, exactlyOne, inner, number, oneOf, type Place, required, text } from './values.ts';

const RULE = new Set(['Comment', 'Condition', 'Next', 'Assign', 'Output']);
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const SECONDS = { min: 1, max: MAX_SECONDS };

export function checkState(state: Place, type: string): void {
  checkFields(state, type);
  text(state, 'Comment');
  checkAssign(state);
  checkRetry(state);
  checkCatch(state);
  BY_TYPE[type]?.(state);
}

const BY_TYPE: Readonly<Record<string, (state: Place) => void>> = {
  Pass: checkTransition,
  Task: checkTask,
  Choice: checkChoice,
  Wait: checkWait,
  Fail: (state) => {
    text(state, 'Error');
    text(state, 'Cause');
  },
  Parallel: (state) => {
    checkTransition(state);
    required(state, 'Branches');
    if (Array.isArray(state.object['Branches']) && state.object['Branches'].length === 0)
      state.findings.refuse(`${state.path}/Branches`, 'Value cannot be empty');
    entries(state, 'Branches');
  },
  Map: (state) => {
    checkTransition(state);
    checkMap(state);
  },
};

/** `undefined`, and a finding, where a state has no type. */
export function typeOf(state: Place): string | undefined {
  required(state, 'Type');
  oneOf(state, 'Type', STATE_TYPES);
  const type = state.object['Type'];
  return typeof type === 'string' && STATE_TYPES.includes(type) ? type : undefined;
}

function checkFields(state: Place, type: string): void {
  const [own, other] = state.jsonata ? ['JSONata', 'JSONPath'] : ['JSONPath', 'JSONata'];
  for (const field of Object.keys(state.object)) {
    if (state.object[field] === undefined) continue;
    const rule = fieldRule(type, field, state.jsonata);
    if (rule === 'no') state.findings.refuse(state.path, `Field '${field}' is not supported`);
    if (rule === 'other-language')
      state.findings.refuse(
        state.path,
        `The QueryLanguage is set to '${own}', but field '${field}' is only supported for the '${other}' QueryLanguage`,
      );
  }
}

/** `x.$` asks for JSONPath, which JSONata mode does not evaluate. */
function checkAssign(place: Place): void {
  const assign = inner(place, 'Assign');
  for (const name of Object.keys(assign?.object ?? {}))
    if (place.jsonata && name.endsWith('.$'))
      place.findings.refuse(
        `${place.path}/Assign/${name}`,
        `Variable name '${name}' must be an identifier`,
        'INVALID_VARIABLE_NAME',
      );
}

function checkTransition(state: Place): void {
  text(state, 'Next');
  const end = state.object['End'];
  if (end !== undefined && typeof end !== 'boolean')
    state.findings.refuse(`${state.path}/End`, 'Expected value of type [BOOLEAN]');
  // `End: false` is as good as none.
  exactlyOne({ ...state, object: { ...state.object, End: end === false ? undefined : end } }, [
    'Next',
    'End',
  ]);
}

function checkTask(state: Place): void {
  checkTransition(state);
  required(state, 'Resource');
  checkResource(state);
  number(state, 'TimeoutSeconds', SECONDS);
  number(state, 'HeartbeatSeconds', SECONDS);
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state.object;
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout)
    state.findings.refuse(
      `${state.path}/HeartbeatSeconds`,
      `HeartbeatSeconds must be smaller than TimeoutSeconds`,
    );
  if (state.object['Credentials'] === undefined || isExpression(state.object['Credentials'])) return;
  const credentials = inner(state, 'Credentials');
  if (credentials && !Object.keys(credentials.object).some((key) => key === 'RoleArn' || key === 'RoleArn.$'))
    state.findings.refuse(credentials.path, `The field 'RoleArn' is required but was missing`);
}

function checkChoice(state: Place): void {
  text(state, 'Default');
  required(state, 'Choices');
  const rules = entries(state, 'Choices');
  if (Array.isArray(state.object['Choices']) && state.object['Choices'].length === 0)
    state.findings.refuse(`${state.path}/Choices`, 'Value cannot be empty');
  for (const rule of rules) {
    required(rule, 'Next');
    text(rule, 'Next');
    if (state.jsonata) checkCondition(rule);
  }
  if (state.object['Default'] === undefined && !rules.some((rule) => rule.object['Condition'] === true))
    state.findings.warn(
      state.path,
      'Choice without Default fails with States.NoChoiceMatched when no rule matches',
      'NO_DEFAULT',
    );
}

function checkCondition(rule: Place): void {
  allow(rule, RULE);
  required(rule, 'Condition');
  checkAssign(rule);
  const condition = rule.object['Condition'];
  if (condition !== undefined && typeof condition !== 'boolean' && !isExpression(condition))
    rule.findings.refuse(`${rule.path}/Condition`, 'Expected value of type [BOOLEAN]');
}

function checkWait(state: Place): void {
  checkTransition(state);
  exactlyOne(
    state,
    state.jsonata ? ['Seconds', 'Timestamp'] : ['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp'],
  );
  number(state, 'Seconds', { min: 0, max: MAX_SECONDS });
  text(state, 'Timestamp');
  const timestamp = state.object['Timestamp'];
  if (
    typeof timestamp === 'string' &&
    !RFC3339.test(timestamp) &&
    !(state.jsonata && isExpression(timestamp))
  )
    state.findings.refuse(`${state.path}/Timestamp`, 'String does not match RFC3339 timestamp');
}
