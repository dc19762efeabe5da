/** Waits for runs of other DAGs: what of a run ends them. Pure: the same on a laptop and in Core. */
import type { AwaitedRun, FinalRunState } from '../model/run-input.ts';

/** The sensor's name, as `sensor` of its call and as `engine` of its event. */
export const RUN_SENSOR = 'dag.run';

/** Error of a task whose awaited run ended in a state of `failOn`. */
export const AWAITED_RUN_FAILED = 'Dag.AwaitedRunFailed';

/** Error of `trigger.dag` with `wait` whose run did not succeed. */
export const TRIGGERED_RUN_FAILED = 'Dag.TriggeredRunFailed';

/** What `trigger.dag` with `wait` waits for. */
export const TRIGGERED: Pick<AwaitedRun, 'states' | 'failOn'> = {
  states: ['success'],
  failOn: ['failed', 'cancelled'],
};

/** Whether a run in this state is what is waited for, never will be, or is waited for still. */
export function verdictOn(
  state: string,
  { states, failOn }: Pick<AwaitedRun, 'states' | 'failOn'>,
): 'there' | 'failed' | 'waiting' {
  const isOneOf = (list: readonly FinalRunState[]) => list.some((each) => each === state);
  if (isOneOf(states)) return 'there';
  return isOneOf(failOn) ? 'failed' : 'waiting';
}
