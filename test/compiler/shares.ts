import type { Plan } from '../../lib/compiler/plan.ts';
import { isEarly, TRIGGER_RULES } from '../../lib/model/trigger-rule.ts';
import type { Case, CaseTask } from '../reference/case.ts';

/** How many of the cases had what: a property says nothing about what its cases never contain. */
export class Shares {
  #cases = 0;
  readonly #counts = new Map<string, number>();

  count(input: Case, plan: Plan): void {
    this.#cases += 1;
    const { tasks } = input;
    const has = (wanted: (task: CaseTask) => boolean) => tasks.some(wanted);
    const below = belowBranches(tasks);
    const upstreamOf = ({ upstream = [] }: CaseTask) => tasks.filter(({ id }) => upstream.includes(id));
    this.#add(
      'early rules',
      has((task) => EARLY.has(task.triggerRule ?? '') && upstreamOf(task).length > 0),
    );
    this.#add('primes', plan.latches.length > 0);
    this.#add(
      'branch below branch',
      has(({ id, kind }) => kind === 'branch' && below.has(id)),
    );
    this.#add(
      'short circuits',
      has(({ kind }) => kind === 'shortCircuit'),
    );
    this.#add(
      'teardowns',
      has(({ kind }) => kind === 'teardown'),
    );
    this.#add(
      'retries',
      has(({ retries = [] }) => retries.length > 0),
    );
    this.#add(
      'timeouts',
      has(({ timeoutSec }) => timeoutSec !== undefined),
    );
    this.#add(
      'expressions',
      has(({ expression }) => expression === true),
    );
  }

  /** Of early rules, primes, and branches below branches. */
  required(): readonly number[] {
    return ['early rules', 'primes', 'branch below branch'].map((name) => this.#shareOf(name));
  }

  text(): string {
    const shares = [...this.#counts.keys()].map(
      (name) => `${name} ${(100 * this.#shareOf(name)).toFixed(1)} %`,
    );
    return `${this.#cases} cases: ${shares.join(', ')}`;
  }

  #add(name: string, had: boolean): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + (had ? 1 : 0));
  }

  #shareOf(name: string): number {
    return (this.#counts.get(name) ?? 0) / this.#cases;
  }
}

const EARLY: ReadonlySet<string> = new Set(TRIGGER_RULES.filter(isEarly));

/** Tasks with a branch above them, at any depth; upstream tasks stand first in the list. */
function belowBranches(tasks: readonly CaseTask[]): ReadonlySet<string> {
  const below = new Set<string>();
  const leads = new Set<string>();
  for (const { id, kind, upstream = [] } of tasks) {
    const is = upstream.some((above) => leads.has(above));
    if (is) below.add(id);
    if (is || kind === 'branch') leads.add(id);
  }
  return below;
}
