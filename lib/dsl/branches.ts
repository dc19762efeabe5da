import type { CallNode } from '../model/task.ts';
import { inputsOf } from './calls.ts';
import { type Declarer, enter, idIn } from './declarer.ts';
import type { Source, TaskDraft } from './edges.ts';
import { type Fn, isFn } from './fn.ts';
import { handle } from './handles.ts';
import { placed, withoutUndefined } from './placed.ts';
import type {
  Branch,
  BranchLabel,
  BranchOptions,
  Condition,
  ShortCircuit,
  ShortCircuitOptions,
  StepOptions,
} from './scope.ts';

/** `branch`: a function that returns labels. */
export function branchOf(by: Declarer) {
  return function branch(id: string, call: Fn<unknown>, options: BranchOptions<string> = {}): Branch<string> {
    const at = enter(by, `task "${id}"`, branch);
    const { labels: declared = [], ...rest } = options;
    const labels = new Set<string>(declared);
    const full = idIn(by, id);
    const made = by.declaration.add({
      ...by,
      id: full,
      call: (site) => {
        const inputs = inputsOf(site, call);
        return () => ({ kind: 'branch', inputs, labels: [...labels] });
      },
      options: rest,
      ...placed(at),
    });
    return branchHandle(by, made, labels);
  };
}

/** `choose`: labels by conditions. */
export function chooseOf(by: Declarer) {
  return function choose(
    id: string,
    cases: Readonly<Record<string, Condition>>,
    otherwise?: string,
    options: StepOptions = {},
  ): Branch<string> {
    const at = enter(by, `task "${id}"`, choose);
    const full = idIn(by, id);
    const made = by.declaration.add({
      ...by,
      id: full,
      call: (site) => {
        const conditions = Object.entries(cases).map(([label, when]) => ({
          label,
          when: site.read(when, `cases.${label}`),
        }));
        return () => withoutUndefined<CallNode>({ kind: 'choose', cases: conditions, otherwise });
      },
      options,
      ...placed(at),
    });
    return branchHandle(by, made);
  };
}

/** `shortCircuit`: goes on, or skips what is below. */
export function shortCircuitOf(by: Declarer) {
  return function shortCircuit(
    id: string,
    condition: Condition | Fn<boolean>,
    options: ShortCircuitOptions = {},
  ): ShortCircuit {
    const at = enter(by, `task "${id}"`, shortCircuit);
    const { respectTriggerRules = false, ...rest } = options;
    const full = idIn(by, id);
    const made = by.declaration.add({
      ...by,
      id: full,
      call: (site) => {
        const node: CallNode = isFn(condition)
          ? { kind: 'shortCircuitFn', inputs: inputsOf(site, condition), respectTriggerRules }
          : { kind: 'shortCircuit', condition: site.read(condition, 'condition'), respectTriggerRules };
        return () => node;
      },
      options: rest,
      ...placed(at),
    });
    return handle<ShortCircuit>({ id: full, kind: 'shortCircuit' }, by.declaration, {
      kind: 'task',
      task: made,
    });
  };
}

/** `latestOnly`: goes on where no newer interval has ended. */
export function latestOnlyOf(by: Declarer) {
  return function latestOnly(id: string, options: StepOptions = {}): ShortCircuit {
    const at = enter(by, `task "${id}"`, latestOnly);
    const full = idIn(by, id);
    const made = by.declaration.add({
      ...by,
      id: full,
      call: () => () => ({
        kind: 'shortCircuit',
        condition: { $ref: { kind: 'latest' } },
        respectTriggerRules: true,
      }),
      options,
      ...placed(at),
    });
    return handle<ShortCircuit>({ id: full, kind: 'shortCircuit' }, by.declaration, {
      kind: 'task',
      task: made,
    });
  };
}

function branchHandle(
  by: Declarer,
  made: TaskDraft,
  /** Those that are followed, of a function. */
  followed?: Set<string>,
): Branch<string> {
  const to = (label: string): BranchLabel => {
    followed?.add(label);
    const source: Source = { kind: 'task', task: made, label };
    return handle<BranchLabel>({ id: made.id, kind: 'label', label }, by.declaration, source);
  };
  return handle<Branch<string>>({ id: made.id, kind: 'branch', to }, by.declaration, {
    kind: 'task',
    task: made,
  });
}
