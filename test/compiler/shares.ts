import type { Compiled } from '../../lib/compiler/compile.ts';
import { isEarly, TRIGGER_RULES } from '../../lib/model/trigger-rule.ts';
import type { Case, CaseModule, CaseTask } from '../reference/case.ts';

/** How many of the cases had what: a property says nothing about what its cases never contain. */
export class Shares {
  #cases = 0;
  readonly #counts = new Map<string, number>();

  count(input: Case, compiled: Compiled): void {
    this.#cases += 1;
    for (const [name, has] of FEATURES) {
      const had = has(input, compiled);
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + (had ? 1 : 0));
    }
  }

  /** Of everything that is counted: name and share. */
  all(): readonly (readonly [name: string, share: number])[] {
    return [...this.#counts].map(([name, count]) => [name, count / this.#cases] as const);
  }

  text(): string {
    const shares = this.all().map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`);
    return `${this.#cases} cases: ${shares.join(', ')}`;
  }
}

type Has = (input: Case, compiled: Compiled) => boolean;

/** Whether there is such a task. */
function task(has: (task: CaseTask, input: Case) => boolean): Has {
  return (input) => input.tasks.some((each) => has(each, input));
}

function module(has: (module: CaseModule, input: Case) => boolean): Has {
  return (input) => (input.modules ?? []).some((each) => has(each, input));
}

const EARLY: ReadonlySet<string> = new Set(TRIGGER_RULES.filter(isEarly));

const FEATURES: readonly (readonly [name: string, has: Has])[] = [
  [
    'early rules',
    task(({ triggerRule = '', upstream = [] }) => EARLY.has(triggerRule) && upstream.length > 0),
  ],
  ['primes', (_, { plan }) => plan.latches.length > 0],
  ['branch below branch', task(({ id, kind }, input) => kind === 'branch' && isBelowBranch(id, input))],
  ['short circuits', task(({ kind }) => kind === 'shortCircuit')],
  ['teardowns', task(({ kind }) => kind === 'teardown')],
  ['retries', task(({ retries = [] }) => retries.length > 0)],
  ['timeouts', task(({ timeoutSec }) => timeoutSec !== undefined)],
  ['expressions', task(({ expression }) => expression === true)],
  ['mapped tasks', task(({ kind }) => kind === 'map')],
  ['mapped groups', module(({ kind }) => kind === 'map')],
  ['group retries', module(({ kind, retries }) => kind === 'retry' && (retries?.attempts ?? 0) > 0)],
  ['loops', module(({ kind }) => kind === 'loop')],
  ['modules in modules', module((inner, input) => (input.modules ?? []).some((outer) => isIn(inner, outer)))],
  ['lists of outputs', (input) => listsIn(input).some((list) => list?.from === 'output')],
  ['lists of items', (input) => listsIn(input).some((list) => list?.from === 'item')],
  [
    'values across borders',
    task((reader, input) => (reader.reads ?? []).some((read) => crosses(read, reader.id, input))),
  ],
  ['pools', task(({ pool }) => pool !== undefined)],
  ['engines', task(({ engine }) => engine === true)],
  [
    'engines tried again',
    task(({ engine, retries = [] }) => engine === true && retries.some(({ attempts }) => attempts > 0)),
  ],
  ['sensors', task(({ kind }) => kind === 'sensor')],
  ['waits and approvals', task(({ kind }) => kind === 'at' || kind === 'approve')],
  ['retried runs', ({ runRetries }) => runRetries !== undefined],
  ['reruns', ({ rerun }) => rerun !== undefined],
  ['divided at 5 tasks', (_, { parts = {} }) => Object.keys(parts).length > 0],
  [
    'distributed above 2 items',
    ({ limits }, { definition, parts = {} }) =>
      limits?.inlineItems === 2 && /"Mode":"DISTRIBUTED"/.test(JSON.stringify([definition, parts])),
  ],
];

function listsIn({ tasks, modules = [] }: Case) {
  return [...tasks, ...modules].map(({ list }) => list);
}

function isIn(inner: CaseModule, outer: CaseModule): boolean {
  return inner.kind !== 'group' && outer.kind !== 'group' && inner.id.startsWith(`${outer.id}.`);
}

/** Whether one of the two is in a module in which the other is not. */
function crosses(read: string, reader: string, { modules = [], tasks }: Case): boolean {
  const holders = (id: string) =>
    modules
      .filter((each) => each.kind !== 'group' && id.startsWith(`${each.id}.`))
      .map((each) => each.id)
      .join();
  return holders(read) !== holders(reader) || tasks.some(({ id, kind }) => id === read && kind === 'map');
}

/** Upstream tasks stand first in the list. */
function isBelowBranch(wanted: string, { tasks }: Case): boolean {
  const leads = new Set<string>();
  for (const { id, kind, upstream = [] } of tasks) {
    const is = upstream.some((above) => leads.has(above));
    if (is && id === wanted) return true;
    if (is || kind === 'branch') leads.add(id);
  }
  return false;
}
