import type { MapState } from '../../asl/states.ts';
import { resilience, resilient } from '../retry.ts';
import { dataFlow, type Runner, type Step, type Visit } from '../visit.ts';
import { distributedMap } from './distributed-map.ts';
import { inlineMap } from './inline-map.ts';

/** A state that does the same for every item. @see https://states-language.net/spec.html#map-state */
export function map(state: MapState): Runner {
  const flow = dataFlow(state);
  const policy = resilience(state);
  const isDistributed = state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
  const run = isDistributed ? distributedMap(state) : inlineMap(state);
  const attempt = async (visit: Visit): Promise<Step> => {
    const result = await run(visit);
    visit.checkSize(result);
    visit.frame.note('MapStateSucceeded');
    return visit.exit(flow, { next: state.Next, fallback: result, extra: { result } });
  };
  return (visit) => resilient(visit, policy, () => attempt(visit));
}
