import { MAX_DISTRIBUTED_CONCURRENCY } from '../../asl/limits.ts';
import type { MapState } from '../../asl/states.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { Aborted, Failure } from '../failure.ts';
import { Frame, Group } from '../frame.ts';
import { errorDetails } from '../history.ts';
import { itemBatcher } from '../items/item-batcher.ts';
import { itemReader } from '../items/item-reader.ts';
import { itemInput, itemsOf, type MapItem, mapContext, numberField } from '../items/map-items.ts';
import { pool } from '../items/pool.ts';
import { type ChildResult, resultWriter } from '../items/result-writer.ts';
import { textOf } from '../json-text.ts';
import { optionalTemplate, type Template } from '../template.ts';
import type { Visit } from '../visit.ts';

/** One child execution: an item, or a batch of them. */
interface ChildInput {
  readonly input: Json;
  readonly item: MapItem | undefined;
  /** Items it stands for: failures are counted in items. */
  readonly size: number;
}

interface Child {
  readonly index: number;
  readonly frame: Frame;
  readonly from: ChildInput;
}

interface Tolerance {
  readonly count: number;
  readonly percentage: number;
  readonly isSet: boolean;
}

/**
 * Runs every item, or batch, as an execution of its own: own history, no outer variables.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export function distributedMap(state: MapState): (visit: Visit) => Promise<Json> {
  const read = state.ItemReader === undefined ? undefined : itemReader(state.ItemReader);
  const items = itemsOf(state, true);
  const concurrency = numberField(state.MaxConcurrency, 'MaxConcurrency', 0);
  const count = numberField(state.ToleratedFailureCount, 'ToleratedFailureCount', 0);
  const percentage = numberField(state.ToleratedFailurePercentage, 'ToleratedFailurePercentage', 0);
  const selector = optionalTemplate(state.ItemSelector, 'ItemSelector');
  const batch = state.ItemBatcher === undefined ? undefined : itemBatcher(state.ItemBatcher);
  const write = state.ResultWriter === undefined ? undefined : resultWriter(state.ResultWriter);
  return async (visit) => {
    const wanted = await concurrency(visit);
    const tolerance = { count: await count(visit), percentage: await percentage(visit) };
    const fetch = await read?.(visit);
    const given = fetch === undefined ? await items(visit) : undefined;
    const mapRunArn = `${visit.frame.execution.id}/${state.Label ?? visit.name}`;
    visit.frame.emit('MapStateStarted', { length: given?.length ?? 0 });
    visit.frame.emit('MapRunStarted', { mapRunArn });
    return mapRun(visit, async () => {
      const list = given ?? (await fetch?.()) ?? [];
      const selected = await select(visit, list, selector);
      const inputs = batch === undefined ? selected : await batch(visit, selected);
      const results = await runChildren(visit, state, {
        inputs,
        concurrency:
          wanted === 0 ? MAX_DISTRIBUTED_CONCURRENCY : Math.min(wanted, MAX_DISTRIBUTED_CONCURRENCY),
        tolerance: { ...tolerance, isSet: tolerance.count > 0 || tolerance.percentage > 0 },
      });
      if (write !== undefined) return write(visit, mapRunArn, results);
      return results.flatMap(({ output }) => (output === undefined ? [] : [output]));
    });
  };
}

/** Writes how the run ended. */
async function mapRun(visit: Visit, run: () => Promise<Json>): Promise<Json> {
  try {
    const result = await run();
    visit.frame.emit('MapRunSucceeded');
    return result;
  } catch (thrown) {
    const failure = visit.failure(thrown);
    visit.frame.emit('MapRunFailed', errorDetails(failure.error, failure.causeText));
    throw failure;
  }
}

async function select(
  visit: Visit,
  list: readonly MapItem[],
  selector: Template | undefined,
): Promise<readonly ChildInput[]> {
  if (selector === undefined) return list.map((item) => ({ input: itemInput(item), item, size: 1 }));
  const inputs: ChildInput[] = [];
  for (const [index, item] of list.entries()) {
    const value = selector(visit.scope(undefined, mapContext(item, index)));
    inputs.push({ input: value instanceof Promise ? await value : value, item, size: 1 });
  }
  return inputs;
}

interface Plan {
  readonly inputs: readonly ChildInput[];
  readonly concurrency: number;
  readonly tolerance: Tolerance;
}

async function runChildren(visit: Visit, state: MapState, plan: Plan): Promise<readonly ChildResult[]> {
  const { frame } = visit;
  const { execution } = frame;
  // Reading the items took time: the Map may have been ended meanwhile.
  if (frame.isClosed) throw new Aborted();
  const group = new Group();
  frame.active = { type: 'Map', group };
  const total = plan.inputs.reduce((sum, { size }) => sum + size, 0);
  const results: ChildResult[] = new Array(plan.inputs.length);
  const eventId = frame.cursor;
  let failedItems = 0;
  await pool<Child>({
    length: plan.inputs.length,
    concurrency: plan.concurrency,
    start(index) {
      const from = plan.inputs[index] ?? { input: null, item: undefined, size: 1 };
      const child = execution.child(`${visit.name}:${eventId}:${index}`, from.input, { eventId, index });
      const context = from.item === undefined ? undefined : mapContext(from.item, index);
      const line = new Frame(child, undefined, context);
      child.history.add('ExecutionStarted', 0, { input: textOf(from.input) });
      line.onClose = () => child.history.end('ExecutionAborted', line.cursor, {});
      group.frames.push(line);
      return { index, frame: line, from };
    },
    run: ({ frame: line, from }) => execution.world.runBranch(state.ItemProcessor, line, from.input),
    succeeded(child, output) {
      group.finished(child.frame);
      end(child.frame, 'ExecutionSucceeded', { output: textOf(output) });
      results[child.index] = { input: child.from.input, output };
    },
    failed(child, thrown) {
      if (frame.isClosed || child.frame.isClosed) return false;
      if (!(thrown instanceof Failure)) return false;
      group.finished(child.frame);
      end(child.frame, 'ExecutionFailed', errorDetails(thrown.error, thrown.causeText));
      results[child.index] = { input: child.from.input, failure: thrown };
      failedItems += child.from.size;
      if (isTolerated(failedItems, total, plan.tolerance)) return true;
      group.close();
      return false;
    },
  }).catch((thrown) => {
    throw thrown instanceof Failure ? exceeded() : thrown;
  });
  frame.active = { type: 'Map' };
  return results;
}

/** Writes the last event of a child. */
function end(
  { execution, cursor }: Frame,
  type: 'ExecutionSucceeded' | 'ExecutionFailed',
  details: JsonObject,
) {
  execution.history.end(type, cursor, details);
}

/** Either bound exceeded fails the Map; without any, one failed item does. */
function isTolerated(failed: number, total: number, tolerance: Tolerance): boolean {
  if (!tolerance.isSet) return false;
  const { count, percentage } = tolerance;
  return (count === 0 || failed <= count) && (percentage === 0 || failed * 100 <= percentage * total);
}

function exceeded(): Failure {
  return new Failure('States.ExceedToleratedFailureThreshold', {
    text: 'The specified tolerated failure threshold was exceeded',
  });
}
