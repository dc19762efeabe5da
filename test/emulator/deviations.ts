/** Where LocalStack 4.13.1 is known to differ from Step Functions; a difference that is listed and not seen is a failure. */
import type { Observation } from './drive.ts';

export interface Deviation {
  /** Of the scenarios in which it shows. */
  readonly title: string;
  readonly part: keyof Observation;
  readonly why: string;
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    title: 'mapping: no list',
    part: 'history',
    why: 'no EvaluationFailed where the Items of a Map fail, as Step Functions writes before MapStateFailed',
  },
];
