/** How a map, a group with retries and a loop go once they are entered. */
import type { Json } from '../../lib/base/json.ts';
import type { CaseModule } from './case.ts';
import { listSeen, previousOf, untilSeen } from './outputs.ts';
import type { Nesting } from './scope.ts';
import { endOf, type Fate, type ScopeRun, stateOf } from './trace.ts';
import { delaySec, toMs } from './tries.ts';

interface Entered {
  readonly module: CaseModule;
  readonly nesting: Nesting;
  readonly outer: ScopeRun;
  readonly startMs: number;
  /** Goes through all that is in it. */
  readonly instance: (counter: number, startMs: number, given?: Given) => ScopeRun;
}

/** What an instance gets from its module. */
export type Given = Pick<ScopeRun, 'item' | 'previous'>;

export function runModule(entered: Entered): Fate {
  if (entered.module.kind === 'map') return runMap(entered);
  return entered.module.kind === 'loop' ? runLoop(entered) : runGroup(entered);
}

/** Instances in order, each as soon as one of the `concurrency` places is free; none where there is no list. */
function runMap({ module, nesting, startMs, outer, instance }: Entered): Fate {
  const list = listSeen(nesting, outer, module);
  const { maxItems = Number.POSITIVE_INFINITY } = module.list ?? {};
  if (!Array.isArray(list) || list.length > maxItems)
    return { state: 'failed', endMs: startMs, instances: [] };
  if (list.length === 0) return { state: 'skipped', endMs: startMs, instances: [] };
  const items: readonly Json[] = list;
  const places = new Array<number>(Math.min(module.concurrency ?? items.length, items.length)).fill(startMs);
  const instances = items.map((item, index) => {
    const place = places.indexOf(Math.min(...places));
    const entered = instance(index, places[place] ?? startMs, { item });
    places[place] = endOf(entered);
    return entered;
  });
  const states = instances.map(stateOf);
  const failed = states.filter((state) => state === 'failed').length;
  const good = states.every((state) => state === 'skipped') ? 'skipped' : 'success';
  const state = isTolerated(failed, items.length, module.tolerate) ? good : 'failed';
  return { state, startMs, endMs: Math.max(...instances.map(endOf)), instances };
}

function isTolerated(failed: number, items: number, tolerate: CaseModule['tolerate'] = 0): boolean {
  if (typeof tolerate === 'number') return failed <= tolerate;
  return failed * 100 <= Number(tolerate.slice(0, -1)) * items;
}

/** The whole group again while it fails and may be retried. */
function runGroup({ module, startMs, instance }: Entered): Fate {
  const { retries = { attempts: 0 } } = module;
  const instances: ScopeRun[] = [];
  for (let atMs = startMs; ; ) {
    const tried = instance(instances.length + 1, atMs);
    instances.push(tried);
    const [state, endMs] = [stateOf(tried), endOf(tried)];
    if (state !== 'failed' || instances.length > retries.attempts) {
      return { state, startMs, endMs, instances };
    }
    atMs = endMs + toMs(delaySec(retries, instances.length));
  }
}

/** Until its condition holds, an iteration does not end well, or there were enough of them. */
function runLoop({ module, nesting, outer, startMs, instance }: Entered): Fate {
  const { maxIterations = 1 } = module.loop ?? {};
  const instances: ScopeRun[] = [];
  for (let atMs = startMs; ; ) {
    const previous = previousOf(nesting, module, outer, instances.at(-1));
    const iteration = instance(instances.length + 1, atMs, { previous });
    instances.push(iteration);
    atMs = endOf(iteration);
    const state = stateOf(iteration);
    if (state !== 'success') return { state, startMs, endMs: atMs, instances };
    const until = untilSeen(nesting, module, iteration);
    if (until === true) {
      const output = previousOf(nesting, module, outer, iteration);
      return { state, startMs, endMs: atMs, instances, output };
    }
    if (until !== false || instances.length >= maxIterations) {
      return { state: 'failed', startMs, endMs: atMs, instances };
    }
  }
}
