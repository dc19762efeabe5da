import { checkDefinition } from '../../lib/asl/check.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A machine of the states given; the first one starts it. */
export function machine(states: Fields, more: Fields = {}): Fields {
  return { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...more };
}

/** A machine of one state `S`, which ends it unless it says otherwise. */
export function one(state: Fields): Fields {
  const ends = ['Choice', 'Succeed', 'Fail'].includes(String(state['Type'])) || 'Next' in state;
  return machine({ S: ends ? state : { End: true, ...state } });
}

/** A Task that ends the machine unless it says otherwise. */
export function task(more: Fields = {}): Fields {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    ...('Next' in more ? {} : { End: true }),
    ...more,
  };
}

export function pass(more: Fields = {}): Fields {
  return { Type: 'Pass', ...('Next' in more ? {} : { End: true }), ...more };
}

/** A branch or processor of the states given. */
export function branch(states: Fields): Fields {
  return { StartAt: Object.keys(states)[0], States: states };
}

/** The findings on one line each: `refused CODE path: message`. */
export function findings(definition: unknown): readonly string[] {
  return checkDefinition(definition).map(
    ({ severity, code, path, message }) =>
      `${severity === 'refused' ? '' : 'runs: '}${code} ${path}: ${message}`,
  );
}
