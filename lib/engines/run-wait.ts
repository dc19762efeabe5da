/** Waits for runs of other DAGs: what of a run ends them. Pure: the same on a laptop and in Core. */
import type { Json, JsonObject } from '../base/json.ts';
import type { AwaitedRun, FinalRunState } from '../model/run-input.ts';
import type { ArgumentProblem } from './engine.ts';
import { isLater } from './permission.ts';

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

const FINAL: readonly Json[] = ['success', 'failed', 'cancelled'];

/** Mistakes in what a sensor waits for. */
export function awaitedProblems({
  dagId,
  logicalDate,
  states,
  failOn,
}: JsonObject): readonly ArgumentProblem[] {
  const found: ArgumentProblem[] = [];
  if (typeof dagId !== 'string' || dagId === '')
    found.push({ path: 'dag', message: 'must be a DAG, got none', remedy: 'write sensor.dagRun(other)' });
  if (typeof logicalDate !== 'string' && !isLater(logicalDate)) {
    const message = `must be a day or an instant, got ${JSON.stringify(logicalDate)}`;
    found.push({ path: 'logicalDate', message, remedy: "write '2026-08-22', or leave it out" });
  }
  if (!isFinalList(states) || states.length === 0)
    found.push({ path: 'states', message: listRule(states), remedy: "write ['success'], or leave it out" });
  else if (!isFinalList(failOn))
    found.push({ path: 'failOn', message: listRule(failOn), remedy: "write ['failed'], or leave it out" });
  else if (states.some((state) => failOn.includes(state))) {
    const message = `must be none of states, got ${JSON.stringify(failOn)} beside ${JSON.stringify(states)}`;
    found.push({ path: 'failOn', message, remedy: 'remove what is in both from one of them' });
  }
  return found;
}

function isFinalList(list: Json | undefined): list is readonly Json[] {
  return Array.isArray(list) && list.every((state: Json) => FINAL.includes(state));
}

function listRule(got: Json | undefined): string {
  return `must be a list of "success", "failed" and "cancelled", got ${JSON.stringify(got)}`;
}
