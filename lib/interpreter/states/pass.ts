import type { PassState } from '../../asl/states.ts';
import { dataFlow, type Runner } from '../visit.ts';

/** A state that only makes data. @see https://states-language.net/spec.html#pass-state */
export function pass(state: PassState): Runner {
  const flow = dataFlow(state);
  return (visit) => visit.exit(flow, { next: state.Next, fallback: visit.input });
}
