import type { SucceedState } from '../../asl/states.ts';
import { dataFlow, type Runner } from '../visit.ts';

/** A state that ends its line. @see https://states-language.net/spec.html#succeed-state */
export function succeed(state: SucceedState): Runner {
  const flow = dataFlow(state);
  return (visit) => visit.exit(flow, { next: undefined, fallback: visit.input });
}
