/** Map and Parallel whose work is given: what comes in and what goes out is theirs. */
import type { MapState, ParallelState } from '../../asl/states.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { Failure } from '../failure.ts';
import { itemBatcher } from '../items/item-batcher.ts';
import { itemInput, itemsOf, mapContext, numberField } from '../items/map-items.ts';
import { optionalTemplate } from '../template.ts';
import { dataFlow, type Step, type Visit } from '../visit.ts';

/** How the work went. */
export interface MockedContainer {
  /** The state's result, or the failure of its work. */
  readonly outcome: Json | Failure;
  /** Of a Map: iterations that failed. */
  readonly failedItems: number;
  /** Of a Map with an ItemReader: what it reads. */
  readonly items: readonly Json[] | undefined;
  /** Is told what the fields gave on the way. */
  readonly note: (name: string, value: Json) => void;
}

/** Does everything of the state but its branches or iterations. */
export function mockedContainer(
  state: MapState | ParallelState,
  mock: MockedContainer,
): (visit: Visit) => Promise<Step> {
  const prepare = state.Type === 'Map' ? prepareMap(state, mock) : prepareParallel(state, mock);
  const flow = dataFlow(state);
  return async (visit) => {
    await prepare(visit);
    const { outcome } = mock;
    if (outcome instanceof Failure) throw outcome;
    return visit.exit(flow, { next: state.Next, fallback: outcome, extra: { result: outcome } });
  };
}

type Prepare = (visit: Visit) => Promise<void>;

function prepareParallel({ Arguments }: ParallelState, { note }: MockedContainer): Prepare {
  const input = optionalTemplate(Arguments, 'Arguments');
  return async (visit) => {
    if (input === undefined) return;
    const value = await input(visit.scope());
    visit.checkSize(value);
    note('afterArguments', value);
  };
}

function prepareMap(state: MapState, mock: MockedContainer): Prepare {
  const isDistributed = state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
  const items = itemsOf(state, isDistributed);
  const numbers = (['MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage'] as const).map(
    (field) => [field, numberField(state[field], field, 0)] as const,
  );
  return async (visit) => {
    const list = mock.items?.map((value) => ({ value })) ?? (await items(visit));
    const bounds: Record<string, number> = {};
    for (const [field, number] of numbers) {
      const value = await number(visit);
      bounds[field] = value;
      if (field === 'MaxConcurrency' || state[field] !== undefined)
        mock.note(field.charAt(0).toLowerCase() + field.slice(1), value);
    }
    await select(visit, state, list, mock.note);
    const { ToleratedFailureCount: count = 0, ToleratedFailurePercentage: percentage = 0 } = bounds;
    const { failedItems } = mock;
    const isOver =
      (count > 0 && failedItems > count) || (percentage > 0 && failedItems * 100 > percentage * list.length);
    if (isOver)
      throw new Failure('States.ExceedToleratedFailureThreshold', {
        text: 'The specified tolerated failure threshold was exceeded',
      });
  };
}

async function select(
  visit: Visit,
  { ItemSelector, ItemBatcher }: MapState,
  list: Awaited<ReturnType<ReturnType<typeof itemsOf>>>,
  note: MockedContainer['note'],
): Promise<void> {
  const selector = optionalTemplate(ItemSelector, 'ItemSelector');
  const inputs: Json[] = [];
  for (const [index, item] of list.entries()) {
    const context: JsonObject = mapContext(item, index);
    inputs.push(selector === undefined ? itemInput(item) : await selector(visit.scope(undefined, context)));
  }
  if (selector !== undefined) note('afterItemSelector', inputs);
  if (ItemBatcher === undefined) return;
  const batch = itemBatcher(ItemBatcher);
  const batches = await batch(
    visit,
    inputs.map((input) => ({ input, item: undefined, size: 1 })),
  );
  note(
    'afterItemBatcher',
    batches.map(({ input }) => input),
  );
}
