import { MAX_INLINE_CONCURRENCY } from '../../asl/limits.ts';
import type { MapState } from '../../asl/states.ts';
import type { Json } from '../../base/json.ts';
import { Failure } from '../failure.ts';
import { Frame, Group } from '../frame.ts';
import { itemInput, itemsOf, type MapItem, mapContext, numberField } from '../items/map-items.ts';
import { pool } from '../items/pool.ts';
import { optionalTemplate } from '../template.ts';
import type { Visit } from '../visit.ts';

interface Iteration {
  readonly index: number;
  readonly item: MapItem;
  readonly frame: Frame;
}

/** Runs the iterations in this execution: shared history, outer variables readable. */
export function inlineMap(state: MapState): (visit: Visit) => Promise<Json> {
  const items = itemsOf(state, false);
  const concurrency = numberField(state.MaxConcurrency, 'MaxConcurrency', 0);
  const tolerated = numberField(state.ToleratedFailureCount, 'ToleratedFailureCount', 0);
  const percentage = numberField(state.ToleratedFailurePercentage, 'ToleratedFailurePercentage', 0);
  const selector = optionalTemplate(state.ItemSelector, 'ItemSelector');
  return async (visit) => {
    if (state.ItemReader ?? state.ItemBatcher ?? state.ResultWriter) {
      const text = 'The ItemReader, ItemBatcher and ResultWriter fields are not supported for INLINE maps';
      throw new Failure('States.Runtime', { text: visit.cause(text) });
    }
    const list = await items(visit);
    const wanted = await concurrency(visit);
    // Evaluated for their errors only: AWS tolerates failures in distributed Maps.
    await tolerated(visit);
    await percentage(visit);
    visit.frame.emit('MapStateStarted', { length: list.length });
    const inputOf = async (item: MapItem, frame: Frame): Promise<Json> =>
      selector === undefined ? itemInput(item) : selector(visit.scope(undefined, frame.map));
    return iterate(visit, state, {
      list,
      concurrency: wanted === 0 ? MAX_INLINE_CONCURRENCY : Math.min(wanted, MAX_INLINE_CONCURRENCY),
      inputOf: selector === undefined ? itemInput : inputOf,
    });
  };
}

interface Plan {
  readonly list: readonly MapItem[];
  readonly concurrency: number;
  readonly inputOf: (item: MapItem, frame: Frame) => Json | Promise<Json>;
}

async function iterate(visit: Visit, state: MapState, plan: Plan): Promise<Json> {
  const { frame, name } = visit;
  const { runBranch } = frame.execution.world;
  const details = (iteration: Pick<Iteration, 'index'>) => ({ name, index: iteration.index });
  const indexes = new Map<Frame, number>();
  const group = new Group((aborted, previous) => {
    frame.execution.history.add(
      'MapIterationAborted',
      previous,
      details({ index: indexes.get(aborted) ?? 0 }),
    );
  });
  frame.active = { type: 'Map', group };
  const outputs: Json[] = new Array(plan.list.length).fill(null);
  // A slot's next iteration follows the last event of the one before it.
  const started = frame.cursor;
  const freed: number[] = [];
  await pool<Iteration>({
    length: plan.list.length,
    concurrency: plan.concurrency,
    start(index) {
      const item = plan.list[index] ?? { value: null };
      const line = new Frame(frame.execution, frame, mapContext(item, index));
      line.cursor = freed.shift() ?? started;
      group.frames.push(line);
      indexes.set(line, index);
      line.emit('MapIterationStarted', details({ index }));
      return { index, item, frame: line };
    },
    run(iteration) {
      const input = plan.inputOf(iteration.item, iteration.frame);
      if (!(input instanceof Promise)) return runBranch(state.ItemProcessor, iteration.frame, input);
      return input.then((value) => runBranch(state.ItemProcessor, iteration.frame, value));
    },
    succeeded(iteration, output) {
      outputs[iteration.index] = output;
      freed.push(iteration.frame.cursor);
      frame.cursor = iteration.frame.note('MapIterationSucceeded', details(iteration));
      group.finished(iteration.frame);
      indexes.delete(iteration.frame);
    },
    failed(iteration) {
      if (iteration.frame.isClosed) return false;
      frame.cursor = iteration.frame.cursor;
      if (!frame.execution.history.isFull()) iteration.frame.note('MapIterationFailed', details(iteration));
      group.close(frame.cursor, iteration.frame);
      return false;
    },
  });
  frame.active = { type: 'Map' };
  return outputs;
}
